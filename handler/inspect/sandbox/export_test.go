package sandbox

import "time"

// Grace sets how long a child may go on after its step should have ended.
func Grace(d time.Duration) { grace = d }
