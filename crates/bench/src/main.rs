//! Umbel.
fn main() {}
