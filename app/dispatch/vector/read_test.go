package vector_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/vector"
)

// whole is a small vector with one of everything.
const whole = `{"name": "v", "world": {"access_model": "2.x", "trump": ["other"], "gates": {"mail": true, "slack": true, "webhooks": true},
 "system": {"other": ["webhooks"]}, "template": {"other": ["mail"]}, "settings": {"team_name": "T"},
 "products": [{"name": "Shop", "type": "Retail", "id": 11}],
 "engagements": [{"name": "CI", "product": "Shop", "id": 21}],
 "tests": [{"title": "nightly", "engagement": "CI", "type": "ZAP Scan", "id": 33}],
 "findings": [{"title": "TLS", "severity": "High", "test": "nightly", "id": 41}],
 "groups": [{"name": "Devs", "roles": {"product:Shop": "Reader"}, "global_role": null}],
 "users": [{"username": "ana", "access": {"groups": ["Devs"], "roles": {"group:Devs": "Owner"}}, "personal": "<from-template>",
            "product_rows": {"Shop": {"scan_added": ["slack"]}}},
           {"username": "ben", "active": false, "access": {"global_role": "Reader"}, "personal": {}, "email": "", "slack": false}],
 "webhook_endpoints": [{"name": "hook", "owner": null, "status": "active_tmp", "header_name": "X-Key", "header_value": "1"}]},
 "call": {"event": "finding_added", "acting_user": "ben", "finding": "TLS", "title": "t", "description": null, "url": null}}`

func TestReadsAVectorAlone(t *testing.T) {
	t.Parallel()
	remarked := strings.NewReplacer(`"ben", "finding"`, `"somebody else", "finding"`, `"world": {`, `"recorded": "2026", "world": {"note": "x", `,
		`"call": {`, `"endpoints_after": [], "right": null, "call": {"comment": "", `, `"status": "active_tmp"`, `"status": "active_tmp", "note": "", "last_error": null`).Replace(whole)
	for _, form := range []string{whole, "\ufeff" + whole, remarked, "[" + whole + "]", `{"server": "DefectDojo 2.58.4", "vectors": [` + whole + `]}`} {
		f, err := vector.Read(strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(f.Vectors[0].Run())
		if err != nil {
			t.Fatal(err)
		}
		version := "2.46.0"
		if f.Server != "" {
			version = "2.58.4"
		}
		want := `[{"channel":"mail","to":"ana","subject":"T notification: t","why":["ana is Reader of the product Shop through group Devs.",` +
			`"The own settings of ana switch mail on for other, which finding_added follows."]},` +
			`{"channel":"webhooks","to":"hook","headers":{"User-Agent":"DefectDojo-` + version + `","Accept":"application/json",` +
			`"X-DefectDojo-Event":"finding_added","X-DefectDojo-Instance":"https://dojo.example.com","Content-Type":"application/json","X-Key":"1"},` +
			`"body":{"description":"Event finding_added has occurred.","title":"t","user":null},` +
			`"why":["The system's settings switch webhooks on for other, which finding_added follows."]}]`
		if string(data) != want {
			t.Errorf("sent %s\nwant %s", data, want)
		}
	}
}

// What cannot be used is told with the vector, the field and what is allowed.
func TestSaysWhatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, message, step string }{
		{`"2.x"`, `"4.x"`, `vector "v", world.access_model: there is no access model "4.x".`, "Use 2.x, 3.x."},
		{`"mail": true`, `"fax": true`, `vector "v", world.gates: there is no member "fax".`, "The members are slack, msteams, mail, webhooks."},
		{`"mail": true`, `"mail": "yes"`, `vector "v", world.gates.mail: this is the text "yes".`, "It has to be true or false."},
		{`["slack"]`, `["toast"]`, `vector "v", world.users[0].product_rows.Shop.scan_added[0]: there is no channel "toast".`, "The channels are alert, mail"},
		{`{"scan_added"`, `{"scan_aded"`, `world.users[0].product_rows.Shop: there is no event setting "scan_aded".`, "The settings are product_type_added,"},
		{`{"Shop": {"scan`, `{"Shup": {"scan`, `world.users[0].product_rows.Shup: there is no product "Shup".`, "The products of this world are Shop."},
		{`"<from-template>"`, `"template"`, `world.users[0].personal: the text "template" is no row.`, "Use an object with columns, null,"},
		{`["Devs"]`, `["Ops"]`, `world.users[0].access.groups[0]: there is no group "Ops".`, "The world has to list it."},
		{`"product:Shop": "Reader"`, `"product:Shop": "King"`, `world.groups[0].roles.product:Shop: there is no role "King".`, "Use Reader, API_Importer,"},
		{`"product:Shop": "Reader"`, `"shop": "Reader"`, `world.groups[0].roles.shop: nothing is called "shop".`, "Use product:NAME,"},
		{`"username": "ben"`, `"username": "ana"`, `world.users[1]: there is another user "ana".`, "User names have to differ."},
		{`"username": "ben"`, `"username": ""`, `world.users[1].username: a name is missing.`, "a string that is not empty"},
		{`"active": false`, `"active": 1`, `world.users[1].active: this is the number 1.`, "It has to be true or false."},
		{`"owner": null`, `"owner": "zed"`, `world.webhook_endpoints[0].owner: there is no user "zed".`, "users have to list"},
		{`"active_tmp"`, `"sleepy"`, `world.webhook_endpoints[0].status: there is no status "sleepy".`, "Use active, active_tmp,"},
		{`"product": "Shop", "id": 21`, `"product": "Ship", "id": 21`, `world.engagements[0].product: there is no product "Ship".`, "The world has to list it."},
		{`"id": 33`, `"id": 3.5`, `world.tests[0].id: this is the number 3.5.`, "It has to be a whole number."},
		{`"event": "finding_added"`, `"event": ""`, `call.event: a name is missing.`, ""},
		{`"finding": "TLS"`, `"finding": "SSL"`, `call.finding: there is nothing named "SSL".`, ""},
		{`"finding": "TLS"`, `"findings": {}`, `call.findings: this is an object.`, "It has to be a list."},
		{`"acting_user": "ben"`, `"acting_user": 5`, `call.acting_user: this is the number 5.`, "It has to be a string."},
		{`"product": "Shop", "id": 21`, `"product": "Shop", "target_start": "soon"`, `world.engagements[0].target_start: this is the text "soon".`, "a day such as"},
		{`"title": "t"`, `"titel": "t"`, `call: there is no member "titel".`, "The members are event, acting_user,"},
		{`"users": [{`, `"users": [7, {`, `world.users[0]: this is the number 7.`, "It has to be an object with the members username,"},
		{`"call": {`, `"cell": {`, `vector "v", call: this is missing.`, "It has to be an object"},
		{whole, `{"vectors": null}`, `vectors: this is null.`, "It has to be a list of vectors."},
		{whole, `7`, `vectors: this is the number 7.`, "It has to be a list."},
		{whole, `[[]]`, `vector 1: this is a list.`, "It has to be an object."},
		{whole, ``, `This is not JSON: it is empty or ends too soon.`, `"vectors"`},
		{whole, "{\n}}", `Something follows after the JSON value.`, ""},
		{whole, "{\n\n]", `This is not JSON (line 3): invalid character`, ""},
		{whole, strings.Repeat("[", 100_000), `This is not JSON`, ""},
	} {
		t.Run(c.new[:min(len(c.new), 40)], func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(whole, c.old, c.new, 1)
			if text == whole {
				t.Fatalf("%q does not occur", c.old)
			}
			f, err := vector.Read(strings.NewReader(text))
			p, ok := errors.AsType[*app.Problem](err)
			if !ok || !errors.Is(err, app.ErrInvalid) {
				t.Fatalf("read %v, %v", f, err)
			}
			if !strings.Contains(p.Message, c.message) || !strings.Contains(p.Step, c.step) {
				t.Errorf("%q %q\nwant %q %q", p.Message, p.Step, c.message, c.step)
			}
			if len(f.Vectors) > 0 {
				t.Error("something was read all the same")
			}
		})
	}
}

// Whatever is read, it is read the same way twice, and what is read can be
// decided.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`[{"world": {"access_model": "3.x", "system_rows": 2, "system": {}}, "call": {"event": "e", "recipients": [null, "x"]}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := vector.Read(strings.NewReader(string(data)))
		_, again := vector.Read(strings.NewReader(string(data)))
		if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("first %v, then %v", err, again)
		}
		if err != nil {
			return
		}
		for i := range first.Vectors {
			if _, err := json.Marshal(first.Vectors[i].Run()); err != nil {
				t.Error(err)
			}
			first.Vectors[i].Refused()
		}
	})
}
