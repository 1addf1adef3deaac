// Package portal serves the web portal: one page, its script, its style and the document in which files are
// previewed. They are built from the folder portal/ of the repository and embedded into the binary, so that the page
// and the API it fits are one deployment and one origin.
//
// The page holds no data of its own and needs no token; it asks the API for all that it shows, as the person who
// signed in. Bytes of files never pass through this package: the browser fetches them from storage.
package portal
