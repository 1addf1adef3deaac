// Preloaded with `node -r seed.js azurite.js`. Azurite derives user delegation keys from a constant in its source, so
// anybody can forge them. The storage front has keys of its own; here Azurite's become unguessable, and only account keys
// still open its ports. If the constant is gone after an upgrade, this throws and the start fails.
const path = require("path");
const constants = require(path.join(path.dirname(path.resolve(process.argv[1])), "blob/utils/constants"));
if (!constants.USERDELEGATIONKEY_SIGNING_SEED) throw new Error("seed.js does not fit this Azurite");
constants.USERDELEGATIONKEY_SIGNING_SEED = require("crypto").randomBytes(32);
