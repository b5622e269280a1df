/** Time and randomness, so that leases and expiry can be tested. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** A fresh UUID v4. */
  uuid(): string;
}
