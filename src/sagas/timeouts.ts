/** How long a payment provider may take to answer one attempt, in milliseconds: three of them, the waits in between and
 *  the undo stay under the 30 seconds in which a failed saga is to be consistent again. */
export const PROVIDER_TIMEOUT_MS = 8_000;

/** How long the device service may take to answer, in milliseconds. */
export const DEVICE_TIMEOUT_MS = 60_000;

/** The default deadline of a saga, in milliseconds. */
export const SAGA_TIMEOUT_MS = 300_000;
