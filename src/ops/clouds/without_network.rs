//! A build without clouds, which downloads nothing.

use std::collections::{BTreeMap, BTreeSet};

use kopsform_model::facts::LookupError;

use super::Unsupported;

pub const CAN_LOOK_UP: bool = false;

pub async fn download(_url: &str) -> Result<Vec<u8>, String> {
    Err(Unsupported::NotBuilt("network").to_string())
}

/// Finds no hashes.
pub async fn hashes(_urls: &BTreeSet<String>) -> Result<BTreeMap<String, String>, LookupError> {
    Ok(BTreeMap::new())
}
