//! Random bytes: the one place of the client that asks the machine for them.

/// What tells a request from every other one, so that the server does it once however often it is sent.
pub(crate) fn idempotency_key() -> String {
    format!("{:032x}", u128::from_le_bytes(random()))
}

/// A share from 0 up to 1.
pub(crate) fn share() -> f64 {
    f64::from(u32::from_le_bytes(random())) / (f64::from(u32::MAX) + 1.0)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, clippy::expect_used, reason = "this is the one place; without it nothing is safe")]
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}
