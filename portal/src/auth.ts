// Signing in: one account, one token for the core and one for each workspace, all from one refresh token. Everything
// MSAL keeps is in sessionStorage: a closed tab is a signed-out tab.
import { AuthError, CacheLookupPolicy, InteractionRequiredAuthError, PublicClientApplication, type AccountInfo } from "@azure/msal-browser";
import { signal } from "@preact/signals";

/** Bootstrap is what /api/.metadata says about signing in. */
export interface Bootstrap {
  api_root_scope: string;
  portal?: { client_id: string; authority: string; known_authorities?: string[]; authority_metadata?: unknown };
  build?: string;
}

export const account = signal<AccountInfo | null>(null);
/** over is set when the session has ended and only a new sign-in helps. */
export const over = signal(false);

let client: PublicClientApplication;
let coreScope = "";

/** start answers a redirect that is coming back and finds who is signed in. */
export async function start(b: Bootstrap): Promise<void> {
  if (!b.portal) throw new Error("the service has no sign-in for its portal");
  coreScope = b.api_root_scope;
  client = new PublicClientApplication({
    auth: {
      clientId: b.portal.client_id, authority: b.portal.authority, knownAuthorities: b.portal.known_authorities ?? [],
      authorityMetadata: b.portal.authority_metadata ? typeof b.portal.authority_metadata === "string" ? b.portal.authority_metadata : JSON.stringify(b.portal.authority_metadata) : "",
      redirectUri: location.origin + "/api/ui", postLogoutRedirectUri: location.origin + "/api/ui",
    },
    cache: { cacheLocation: "sessionStorage" },
  });
  await client.initialize();
  const back = await client.handleRedirectPromise();
  account.value = back?.account ?? client.getAllAccounts()[0] ?? null;
}

const impersonation = (scope: string) => [`${scope}/user_impersonation`];

export const signIn = () => client.loginRedirect({ scopes: impersonation(coreScope), prompt: account.value ? "login" : "select_account" });
export const signAgain = () => client.loginRedirect({ scopes: impersonation(coreScope), loginHint: account.value?.username });
/** signOut ends the session, and what was typed in it: the next person at this desktop may be another. */
export const signOut = () => {
  for (const k of Object.keys(sessionStorage)) if (k.startsWith("airlock.")) sessionStorage.removeItem(k);
  return client.logoutRedirect({ account: account.value });
};

/** NoAccess means that the directory gives this person no token for a workspace: they are no member. */
export class NoAccess extends Error {}

/** token is an access token: for the core without a scope, else for a workspace. fresh takes none from the cache. */
export async function token(scope?: string, fresh = false): Promise<string> {
  if (!account.value) throw new NoAccess("signed out");
  try {
    const got = await client.acquireTokenSilent({
      scopes: impersonation(scope ?? coreScope), account: account.value, forceRefresh: fresh,
      cacheLookupPolicy: fresh ? CacheLookupPolicy.RefreshToken : CacheLookupPolicy.AccessTokenAndRefreshToken,
    });
    return got.accessToken;
  } catch (e) {
    if (!refused(e)) throw e;
    if (scope && !over.value && await coreStillWorks()) throw new NoAccess("no member");
    over.value = true;
    throw e;
  }
}

/** refused tells an answer of the directory that no try changes from a network that failed. */
const refused = (e: unknown) => e instanceof InteractionRequiredAuthError || e instanceof AuthError && e.errorCode === "invalid_grant";

/** coreStillWorks tells a workspace that is not mine from a session that is over. */
async function coreStillWorks(): Promise<boolean> {
  try {
    await client.acquireTokenSilent({ scopes: impersonation(coreScope), account: account.value!, cacheLookupPolicy: CacheLookupPolicy.RefreshToken });
    return true;
  } catch (e) {
    if (refused(e)) return false;
    throw e;
  }
}

/** rolesOf reads the roles in an access token, only to choose between two tokens. */
export function rolesOf(token: string): string[] {
  try {
    const claims = JSON.parse(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"))) as { roles?: string[] };
    return claims.roles ?? [];
  } catch { return []; }
}
