//! Decimals against big integers, which know no limit and compute by other code.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it must be")]

mod arithmetic;
mod bytes;
mod oracle;
mod rounding;
mod text;
