package syncer

// What DefectDojo computes and tells nobody, or nobody who holds no browser
// session, is derived here from its objects. All of it is pure: functions of
// objects (before and after, where a change is the fact) to events. The same
// objects give the same keys, so that whoever derives twice stores once.
//
// Where DefectDojo's own jobs are wrong, these are not:
//   - upcoming_engagement and stale_engagement compare dates with moments there
//     and never match; here they are told once for each date.
//   - Events for an engagement's lead name the lead by a user object there,
//     which matches nobody; here by the user name.
//   - A finding without a deadline is taken for due today there, each day anew;
//     here it has no deadline.
//   - From 3.0 on the jobs for service levels and risk acceptances reach nobody
//     in person; events made here are routed to everybody who may see them.
//
// Who did something is not told by most objects and then left open.
