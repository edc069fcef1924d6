//! A keyset: the generations of one certificate authority or signing key.

use std::collections::BTreeMap;

/// One generation of a keyset.
#[derive(Clone, PartialEq, Eq)]
pub struct KeysetItem {
    /// A decimal number, or a legacy id.
    pub id: String,
    /// The certificate in PEM.
    pub certificate: Option<String>,
    /// The private key in PEM.
    pub private_key: Option<zeroize::Zeroizing<String>>,
    /// Since when it is distrusted, RFC 3339.
    pub distrusted: Option<String>,
}

/// All generations of one key, oldest first.
#[derive(Clone, PartialEq, Eq)]
pub struct Keyset {
    /// The name, such as `kubernetes-ca`.
    pub name: String,
    /// The id of the generation that signs.
    pub primary_id: String,
    /// The generations, oldest first.
    pub items: Vec<KeysetItem>,
}

/// The keysets of a cluster by name.
pub type Keysets = BTreeMap<String, Keyset>;

/// Shows ids only: the rest is private or long.
impl std::fmt::Debug for KeysetItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeysetItem").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Keyset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyset").field("name", &self.name).field("items", &self.items).finish_non_exhaustive()
    }
}

impl Keyset {
    /// The generations that are still trusted, oldest first.
    pub fn trusted(&self) -> impl Iterator<Item = &KeysetItem> {
        self.items.iter().filter(|item| item.distrusted.is_none())
    }

    /// The generation that signs.
    pub fn primary(&self) -> Option<&KeysetItem> {
        self.items.iter().find(|item| item.id == self.primary_id)
    }

    /// The certificates of all trusted generations, concatenated, as nodes get them.
    pub fn trusted_certificates(&self) -> String {
        self.trusted().filter_map(|item| item.certificate.as_deref()).collect()
    }
}
