package syncer

import (
	"context"
	"iter"
	"time"

	"bellhop/sync/dojo"
)

// Objects is what a [Watch] reads of DefectDojo's API; [*dojo.Client] is one.
// Lists come in pages of at most pageRows rows, each of which is one request
// that is made when its first row is asked for.
type Objects interface {
	DirectorySource
	UseSession(session dojo.Session)
	UseToken(token string)
	Skew() time.Duration
	Close()
	SystemSettings(ctx context.Context) (dojo.SystemSettings, error)
	SLAConfigurations(ctx context.Context) iter.Seq2[dojo.SLAConfiguration, error]
	Engagements(ctx context.Context, want dojo.EngagementFilter) iter.Seq2[dojo.Engagement, error]
	Tests(ctx context.Context, want dojo.TestFilter) iter.Seq2[dojo.Test, error]
	TestImports(ctx context.Context, want dojo.ImportFilter) iter.Seq2[dojo.TestImport, error]
	Findings(ctx context.Context, want dojo.FindingFilter) iter.Seq2[dojo.Finding, error]
	RiskAcceptances(ctx context.Context) iter.Seq2[dojo.RiskAcceptance, error]
}

// DirectorySource is what [FetchDirectory] reads of DefectDojo's API.
type DirectorySource interface {
	User(ctx context.Context) (dojo.User, error)
	Users(ctx context.Context) iter.Seq2[dojo.Person, error]
	ContactInfos(ctx context.Context) iter.Seq2[dojo.ContactInfo, error]
	Products(ctx context.Context, ids ...int64) iter.Seq2[dojo.Product, error]
	ProductTypes(ctx context.Context) iter.Seq2[dojo.ProductType, error]
	ProductMembers(ctx context.Context) iter.Seq2[dojo.ProductMember, error]
	ProductTypeMembers(ctx context.Context) iter.Seq2[dojo.ProductTypeMember, error]
	ProductGroups(ctx context.Context) iter.Seq2[dojo.ProductGroup, error]
	ProductTypeGroups(ctx context.Context) iter.Seq2[dojo.ProductTypeGroup, error]
	Groups(ctx context.Context) iter.Seq2[dojo.Group, error]
	GroupMembers(ctx context.Context) iter.Seq2[dojo.GroupMember, error]
	GlobalRoles(ctx context.Context) iter.Seq2[dojo.GlobalRole, error]
	Roles(ctx context.Context) iter.Seq2[dojo.Role, error]
}

var _ Objects = (*dojo.Client)(nil)

// collect reads a list that has to be complete. One that changed while its
// pages were read is read again, at most twice more.
func collect[T any](ctx context.Context, list func(context.Context) iter.Seq2[T, error]) ([]T, error) {
	for try := 1; ; try++ {
		var rows []T
		var failed error
		for row, err := range list(ctx) {
			if err != nil {
				failed = err
				break
			}
			rows = append(rows, row)
		}
		if failed == nil || try == 3 || !isListChanged(failed) {
			return rows, failed
		}
	}
}
