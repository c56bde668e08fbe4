package dojo

import (
	"context"
	"fmt"
	"iter"
)

// Person is somebody who has a user account on the server.
type Person struct {
	ID        int64  `json:"id"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Active    bool   `json:"is_active"`
	Superuser bool   `json:"is_superuser"`
	Staff     bool   `json:"is_staff"` // known from 3.0 on
}

// Users lists everybody who has an account. It needs a superuser, or the right
// to view users; [ErrForbidden] else.
func (c *Client) Users(ctx context.Context) iter.Seq2[Person, error] {
	return list(ctx, c, listing{op: "list the users", path: "/api/v2/users/", exact: true}, func(p *Person) (Person, error) {
		if p.ID <= 0 || p.Username == "" || len(p.Username) > longestName {
			return Person{}, fmt.Errorf("%w: a user without a name", ErrMalformed)
		}
		return *p, nil
	})
}

// ContactInfo is where a person can be reached beside the mail address. Not
// everybody has one.
type ContactInfo struct {
	ID   int64 `json:"id"`
	User int64 `json:"user"`
	// SlackUsername is the mail address by which Slack knows the person.
	SlackUsername string `json:"slack_username"`
	SlackUserID   string `json:"slack_user_id"`
}

// ContactInfos lists the contact data of all users; for superusers alone.
func (c *Client) ContactInfos(ctx context.Context) iter.Seq2[ContactInfo, error] {
	return list(ctx, c, listing{op: "list the contact data", path: "/api/v2/user_contact_infos/", exact: true},
		same(func(i *ContactInfo) int64 { return min(i.ID, i.User) }))
}
