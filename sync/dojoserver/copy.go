package dojoserver

// CopyFinding copies a finding into a test, as the pages do, and returns the
// number of the copy, 0 where there is no such finding. A copy keeps everything
// but its number, its test, when it was made and when its state changed; its
// notes are copies too.
func (s *Server) CopyFinding(id, test int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, there := s.data.findings.rows[id]
	if !there {
		return 0
	}
	return s.copyFinding(f, test)
}

func (s *Server) copyFinding(f Finding, test int64) int64 {
	f.Test, f.Notes = test, s.copied(f.Notes)
	f.Created = s.opts.Now().UTC()
	f.StatusUpdate = f.Created
	return s.data.findings.put(0, func(id int64) Finding { f.ID = id; return f })
}

// CopyTest copies a test with its findings into an engagement, as the pages do,
// and returns the number of the copy, 0 where there is no such test. A copy
// keeps everything but its number, its engagement, when it was made and when it
// was changed; there is no import behind it.
func (s *Server) CopyTest(id, engagement int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, there := s.data.tests.rows[id]
	if !there {
		return 0
	}
	return s.copyTest(t, engagement)
}

func (s *Server) copyTest(t Test, engagement int64) int64 {
	old := t.ID
	t.Engagement, t.Notes = engagement, s.copied(t.Notes)
	t.Created = s.opts.Now().UTC()
	t.Updated = t.Created
	made := s.data.tests.put(0, func(id int64) Test { t.ID = id; return t })
	for _, id := range s.data.findings.ids() {
		if f := s.data.findings.rows[id]; f.Test == old {
			s.copyFinding(f, made)
		}
	}
	return made
}

// CopyEngagement copies an engagement with its tests and their findings, as the
// pages do, and returns the number of the copy, 0 where there is no such
// engagement.
func (s *Server) CopyEngagement(id int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, there := s.data.engagements.rows[id]
	if !there {
		return 0
	}
	e.Notes = s.copied(e.Notes)
	e.Created = s.opts.Now().UTC()
	e.Updated = e.Created
	made := s.data.engagements.put(0, func(id int64) Engagement { e.ID = id; return e })
	for _, test := range s.data.tests.ids() {
		if t := s.data.tests.rows[test]; t.Engagement == id {
			s.copyTest(t, made)
		}
	}
	return made
}
