// Package budget holds the airlock to its budgets on a running local cloud, with the real handler: how many storage
// calls an operation, a whole request and a reconciler run may take (tests, exact), and how long they take, how much
// memory the handler needs and how both grow (benchmarks, reported as ratios to the bare storage calls; docs/PERFORMANCE.md).
package budget
