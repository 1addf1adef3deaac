// Package events serves the Functions host's deliveries: Event Grid events,
// dead-letter blobs and the timer. Every delivery is POST /{FunctionName} with an
// envelope of Data and Metadata.
//
// A delivery is only a hint; the state is the truth. Each trigger has one file that
// turns its event into the few words the workflow needs: which request, which blob,
// which verdict. The workflow then looks at the state and does what it calls
// for. A delivery has one of three results (delivery.go): acknowledged, delivered
// again, or parked for a person.
//
// Anybody who gets at the port, or whom a misconfigured route lets through, can
// post here. genuine.go refuses calls that cannot come from the host; beyond that an
// event can be forged, and a forged event changes nothing but timing.
package events
