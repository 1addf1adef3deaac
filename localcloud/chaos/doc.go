// Package chaos breaks a local cloud on purpose while the airlock's stories are played in it, and then holds an inquest.
//
//   - Crash: a story is played again and again, and each time the handler is killed before or after another one of its
//     calls to storage and Event Grid. Events are lost, so that only the reconciler can finish the work.
//   - Storm: hundreds of stories at once, with events lost, doubled, delayed, shuffled, replayed and forged, storage
//     answering errors or not at all, handlers killed, and two of them racing. Uploaders spoil their drafts as far as a link
//     allows, and mend what is refused.
//   - Insiders: a storm in which people of the house do damage at random moments, each with the rights of one role: a table
//     writer, a registry writer, a creator of evidence, and the holder of the webhooks' keys. All damage has to be without
//     effect or reported, every release proven, and no request without an exit.
//   - Bombs: files that are made to break a reader, each with an ordinary request beside it, under a watch over memory.
//   - Tampering: bytes and records are changed past everybody, with the account keys; each attack must be found out.
//
// The inquest shares no code with the handler: it reads storage past the front, and knows the published formats only.
// The same seed gives the same stories and the same faults; how threads interleave is left to chance.
package chaos
