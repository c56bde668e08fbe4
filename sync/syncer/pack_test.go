package syncer

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkPack stores and reads a server of 50,000 engagements.
func BenchmarkPack(b *testing.B) {
	rows := map[int64]engagement{}
	for i := range int64(50_000) {
		rows[i+1] = engagement{
			ID: i + 1, Name: fmt.Sprintf("CI: nightly %d", i), Product: i % 1000, Lead: i % 50, Start: today, End: today + 30,
			Status: statusInProgress, Created: lunch.Add(time.Duration(i) * time.Minute),
		}
	}
	var size int
	for b.Loop() {
		data, err := pack(snapshot[engagement]{Began: 1, Rows: rows})
		if err != nil {
			b.Fatal(err)
		}
		var back snapshot[engagement]
		if err := unpack(data, &back); err != nil || len(back.Rows) != len(rows) {
			b.Fatal(err)
		}
		size = len(data)
	}
	b.ReportMetric(float64(size), "bytes")
}
