/**
 * The API server, as a library that names no resource of ours and not us, and reports through callbacks. Entered by the doors of
 * its rooms, in the order an event walks them: `connect` (server and identity), `client` (requests as values), `watch` (a
 * collection mirrored), `store` (the copy in memory), `queue` (keys to work on), `lease` (who may act), `events` (Events for people).
 */
export {};
