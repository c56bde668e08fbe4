package store

import (
	"context"
	"time"

	"bellhop/app"
)

// Attempts returns every attempt to send a delivery, the first one first; it has
// one for each time it was claimed and not given back. One that runs, or was cut
// off, took 0.
func (s *Store) Attempts(ctx context.Context, id app.DeliveryID) ([]app.Attempt, error) {
	var out []app.Attempt
	err := s.look(ctx, "list the attempts", func(q querier) error {
		out = nil
		rows, err := q.query(ctx, `SELECT n, begun, took, status, code, answer FROM attempts WHERE delivery = ?1
			UNION ALL SELECT tries, begun, took, status, code, answer FROM deliveries WHERE id = ?1 AND tries > 0 ORDER BY 1`, string(id))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			a := app.Attempt{Delivery: id}
			var begun, took int64
			if err := rows.Scan(&a.N, &begun, &took, &a.Status, &a.Code, &a.Answer); err != nil {
				return err
			}
			a.Begun, a.Took = fromMillis(begun), time.Duration(took)*time.Microsecond
			out = append(out, a)
		}
		if err := rows.Err(); err != nil || len(out) > 0 {
			return err
		}
		packed, err := packedDeliveries(ctx, q, func(p *packed) bool { return p.ID == id })
		for _, d := range packed {
			if d.tries > 0 {
				out = append(out, app.Attempt{
					Delivery: id, N: 1, Begun: fromMillis(d.begun), Took: time.Duration(d.took) * time.Microsecond, Status: d.Status, Answer: d.Answer,
				})
			}
		}
		return err
	})
	return out, err
}
