// Package doctor examines a running deployment: whether every account, topic, key,
// role, registry row and permission is as the airlock needs it. It answers the
// question that a stuck request raises, before there is a stuck request.
//
// Each check asks the service that it is about, with the identity of the running
// app, and changes nothing that anybody would notice: a permission to write is
// tried on things that do not exist. A finding says what is wrong and what mends
// it.
package doctor
