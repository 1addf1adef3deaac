// Package gates tries external gates, in the local cloud and with airlock-gate-test: ClamAV,
// and the example in Python with Presidio's recognisers.
//
// The tests carry the build tag gates, because they need programs that are not installed everywhere:
// make gates runs those with ClamAV (apt-get install clamav), make gates-python installs
// Presidio into build/gates and tries the example.
package gates
