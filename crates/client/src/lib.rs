//! A typed Rust client for Umbel.
