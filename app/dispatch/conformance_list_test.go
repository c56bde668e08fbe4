package dispatch_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// conformanceList says for each line of DefectDojo's own tests (105 of them, in
// their order, numbered) which test of Bellhop holds it, as "folder: text of the
// test", or why there is none. The lines themselves stand in those tests.
var conformanceList = []struct {
	lines string // one or several numbers
	tests []string
	why   string
}{
	{"1 2 3 4 5 6 7 8 9 11 12 13 14", []string{"app/dispatch: {# "}, ""},
	{"10 15 16 17 18 19 20 24 26 28 30 32", []string{"app/dispatch: {# ", "app/dispatch/render: {# "}, ""},
	{"21", []string{"app/dispatch: {# "}, ""},
	{"22", []string{"sync/syncer: {statusNotStarted, statusInProgress, \"\", \"\"}"}, ""},
	{"23 25 27 29 31", []string{"sync/syncer: func TestWhatGoesWithAProductIsNotTold(", "sync/syncer: func TestDeletionsAreToldToTheLeadAlone("}, ""},
	{"33 34 35 37 38", []string{"app/dispatch/render: {# "}, ""},
	{"36", []string{"sync/syncer: \"finding_added: Addition of By hand\""}, ""},
	{"39 40 41 42 43 45", nil, "how DefectDojo hands a call to its workers: here an event is stored with numbers and names, and decided when it is"},
	{"44", []string{"app/dispatch: {# "}, ""},
	{"46 47 48", []string{"app/dispatch: {# "}, ""},
	{"48", []string{"app/dispatch/webhook: // 48: ", "app/dispatch: func TestAClosedEndpointKeepsWhatComesUntilSomebodyActs("}, ""},
	{"49 50 51 52 53 54 55 56 57 58 59 60 61", []string{"app/dispatch/webhook: \"# "}, ""},
	{"62", []string{"app/dispatch/webhook: \"62 ours: "}, ""},
	{"49 53 61 62", []string{"app/dispatch/webhook: func TestWhatAReceiverDoesMovesItsEndpoint("}, ""},
	{"63 65 66 67 68 69 70 71", []string{"app/dispatch/render: {# ", "app/dispatch/webhook: func TestRequestsAreDefectDojosToTheLetter("}, ""},
	{"64", []string{"app/dispatch/render: {# ", "app/dispatch/webhook: func TestAPingIsDefectDojos(", "app/program: func TestAWebhookIsPingedWhenItIsSaved("}, ""},
	{"72", []string{"app/dispatch/webhook: // 64 and 72: "}, ""},
	{"73", []string{"app/dispatch: {# ", "app/dispatch/render: {# "}, ""},
	{"74", []string{"app/dispatch: {# ", "sync/syncer: not @ada.b\""}, ""},
	{"75", []string{"sync/syncer: write to ada@example.com"}, ""},
	{"76 77", []string{"app/dispatch/render: func TestAReviewHasABodyOfItsOwnSince3_1_302(t *testing.T) { // conformance 76, 77"}, ""},
	{"78 79", []string{"sync/syncer: func TestTheServersOwnSettingsAreRead("}, ""},
	{"80", []string{"store: func TestAChangeThatHasNotSeenTheLastOneIsRefused("}, ""},
	{"81", []string{"store: func TestSomebodyNewGetsTheTemplate("}, ""},
	{"82 83 84", []string{"sync/syncer: func TestTheServersOwnCleanUpIsLabelledExpired(", "store: func TestTheHistoryIsShortenedAndTheListIsNot("}, ""},
	{"85 86", []string{"app/dispatch: {# "}, ""},
	{"87", []string{"sync/syncer: func TestSettingsAreWrittenAfterTheyWereShown(", "sync/syncer: func TestOnlySuperusersWriteSettings("}, ""},
	{"88", []string{"app/program: func TestTheIntakeIsSwitchedOnAndOffWhileTheBellRuns(", "app/program: func TestAPlainUserCannotRegisterTheIntake("}, ""},
	{"89 90", nil, "how DefectDojo counts while it imports: what it counted is read from the import"},
	{"91", []string{"sync/syncer: func TestAnImportThatChangesNothingIsAnEmptyOne("}, ""},
	{"92", []string{"sync/syncer: {\"in nine days\", ", "sync/syncer: {\"in eleven days\", ", "sync/syncer: {\"five days ago\", "}, ""},
	{"93 94", []string{"sync/syncer: func TestWhereAnAcceptanceBelongs(", "sync/syncer: func TestRiskAcceptancesRunOut("}, ""},
	{"95", []string{"sync/syncer: func TestRiskAcceptances("}, ""},
	{"96", []string{"sync/syncer: func TestACopiedTestIsToldToTheLeadOfTheOriginal(", "sync/syncer: func TestWhatIsCopiedWithItsEngagementIsNotToldApart("}, ""},
	{"97", []string{"sync/syncer: func TestACopyIsToldToTheLead("}, ""},
	{"98 99", nil, "what DefectDojo remembers of a JIRA that fails: Bellhop speaks to none"},
	{"100 101 103", []string{"app/dispatch: {# "}, ""},
	{"102", []string{"ui: func TestTheDefaultsAreShownAsSuchAndASwitchIsSavedAtOnce("}, ""},
	{"104", []string{"app/program: func TestAWebhookIsPingedWhenItIsSaved(", "cmd/bellhop/testdata/script: , and it answered the ping with 204", "cmd/bellhop/testdata/script: bellhop channels remove "}, ""},
	{"105", []string{"ui: func TestClearAllAsksAndTakesOnlyWhatWasShown(", "ui: {name: \"empty\"", "sync/syncer: func TestPitfall01ClearAllNeverCallsDeleteAlerts("}, ""},
}

func TestEveryLineOfDefectDojosTestsHasATestOrAReason(t *testing.T) {
	t.Parallel()
	texts := make(map[string]string) // of a folder's tests
	read := func(folder string) string {
		if _, known := texts[folder]; !known {
			var b strings.Builder
			for _, pattern := range []string{"*_test.go", "*.txtar"} {
				files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), pattern))
				if err != nil {
					t.Fatal(err)
				}
				for _, file := range files {
					if filepath.Base(file) == "conformance_list_test.go" {
						continue
					}
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					b.Write(text)
				}
			}
			// Rows of a table may begin on the next line.
			texts[folder] = strings.NewReplacer("\r", "", "{\n\t\t", "{").Replace(b.String())
		}
		return texts[folder]
	}
	held := make(map[string]bool)
	for _, entry := range conformanceList {
		if (len(entry.tests) == 0) == (entry.why == "") {
			t.Errorf("%s: a test or a reason, one of them", entry.lines)
		}
		for number := range strings.FieldsSeq(entry.lines) {
			held[number] = true
			for _, where := range entry.tests {
				folder, text, _ := strings.Cut(where, ": ")
				text = strings.Replace(text, "{# ", "{"+number+", ", 1)
				text = strings.Replace(text, "\"# ", "\""+number+" ", 1)
				if !strings.Contains(read(folder), text) {
					t.Errorf("line %s: no test of %s has %q", number, folder, text)
				}
			}
		}
	}
	for n := range 105 {
		if number := strconv.Itoa(n + 1); !held[number] {
			t.Errorf("line %s is nowhere", number)
		}
	}
	if len(held) != 105 {
		t.Errorf("%d lines are listed", len(held))
	}
}
