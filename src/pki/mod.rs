//! Keys and certificates: keysets as the state store holds them, secrets, SSH keys.

mod keyset;

pub use keyset::*;
