// A release receipt, opened and checked here: docs/audit-format.md says how it is made.
import { open as ask } from "./api";

export interface Receipt {
  signed: boolean;
  files: { name: string; size: number; sha256?: string }[];
  title: string; releasedAt: string; workspace: { displayName: string }; requestor: { name: string };
  review: { decisions: { reviewer: { name: string }; decision: string; explanation: string; at: string }[] };
  chain: { hash: string; length: number };
}

interface EnvelopeOfReceipt { payload: string; payloadType: string; signatures: { keyid: string; alg: string; sig: string }[]; }

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** raw makes the two numbers of an ECDSA signature, 32 bytes each, of their DER form. */
export function raw(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(64);
  let at = 2; // a sequence shorter than 128 bytes
  for (let i = 0; i < 2; i++) {
    const length = der[at + 1] ?? 0;
    const number = der.slice(at + 2, at + 2 + length);
    const trimmed = number.length > 32 ? number.slice(number.length - 32) : number;
    out.set(trimmed, i * 32 + 32 - trimmed.length);
    at += 2 + length;
  }
  return out;
}

/** openReceipt reads a receipt and says whether one of the service's keys signed it. */
export async function openReceipt(envelope: unknown): Promise<Receipt> {
  const e = envelope as EnvelopeOfReceipt;
  const payload = bytesOf(e.payload);
  const receipt = JSON.parse(new TextDecoder().decode(payload)) as Omit<Receipt, "signed">;
  const { keys } = await ask<{ keys: (JsonWebKey & { kid: string })[] }>("/receipt-keys");
  const head = new TextEncoder().encode(`DSSEv1 ${e.payloadType.length} ${e.payloadType} ${payload.length} `);
  const said = new Uint8Array(head.length + payload.length);
  said.set(head);
  said.set(payload, head.length);
  let signed = false;
  for (const s of e.signatures) {
    const jwk = keys.find((k) => k.kid === s.keyid);
    if (!jwk || s.alg !== "ES256") continue;
    const key = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x: jwk.x!, y: jwk.y! }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    signed ||= await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw(bytesOf(s.sig)), said);
  }
  return { ...receipt, signed };
}
