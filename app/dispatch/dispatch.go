// Package dispatch decides who is told of an event, through which channel and
// by which rules ([World]), and hands what waits to the channels ([Channel]).
//
// The rules are DefectDojo's, as 2.46.0 and 3.2.0 were recorded deciding:
//   - an event with recipients goes to the active people that it names, by
//     their personal settings alone; for the events of the override list the
//     system's settings are added, never taken away;
//   - any other event goes to the shared places by the system's settings and,
//     unless it is for them alone, to the active people who may see its product
//     or product type; without either, to superusers;
//   - settings are united by column: personal, for the product, and for a
//     superuser the system's; an event without a column follows "other"; who
//     has no settings is told nothing, except superusers;
//   - Teams has no personal place unless somebody set one up; an alert has no
//     gate; an event that is an alert only leaves the other channels out.
//
// Where a server is wrong, Bellhop is not:
//   - who may see something is asked of who would be told, in every mode:
//     DefectDojo 3.x asks who acts, and both tell recipients what they may not
//     see;
//   - engagement_closed follows close_engagement, which DefectDojo never reads;
//   - scan_added_empty is united like every other column;
//   - settings for a product speak for the seven columns of their form and for
//     scan_added_empty, whose default is off; the rest of such a row is a
//     default that nobody chose and does not turn events back on;
//   - recipients get nothing of each other: DefectDojo adds the settings of the
//     one before to the next;
//   - a recipient without settings still gets what the override list asks for;
//   - people are found whether a caller passes names or people, so that leads
//     hear of what is deleted, copied or closed;
//   - a destination that is blank counts as not set up, and a failed channel
//     does not stop the next one; two system rows do not lose each other.
//
// Deciding is pure: it asks no clock, no disk and no network, and changes
// nothing. Every decision carries its [app.Chain], which [Words] puts into
// sentences.
package dispatch
