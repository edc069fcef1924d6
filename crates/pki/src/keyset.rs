//! A keyset: the generations of one certificate authority or signing key.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Certificate, KeySource, PkiError, PrivateKey, Subject, issue_authority, timestamp_serial};

/// One generation of a keyset.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeysetItem {
    /// A decimal number, or an id of another form from an older kops.
    pub id: String,
    /// The certificate in PEM.
    pub certificate: Option<String>,
    /// The private key in PEM.
    pub private_key: Option<zeroize::Zeroizing<String>>,
    /// When it was distrusted, RFC 3339.
    pub distrusted: Option<String>,
}

/// All generations of one key, oldest first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keyset {
    /// The name, such as `kubernetes-ca`.
    pub name: String,
    /// The id of the generation that signs.
    pub primary_id: String,
    /// The generations, oldest first.
    pub items: Vec<KeysetItem>,
    /// Whether it has the format or the name of an older kops. Storing it again updates both.
    pub legacy: bool,
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

impl KeysetItem {
    /// A generation of a certificate and, unless it is only to be trusted, its key.
    fn new(id: String, certificate: &Certificate, key: Option<&PrivateKey>) -> Self {
        Self {
            id,
            certificate: Some(certificate.pem()),
            private_key: key.map(|key| key.pem().clone()),
            distrusted: None,
        }
    }

    /// The certificate, if there is one.
    pub fn parsed_certificate(&self) -> Result<Option<Certificate>, PkiError> {
        self.certificate.as_deref().map(Certificate::parse).transpose()
    }

    /// The private key, if there is one.
    pub fn parsed_key(&self) -> Result<Option<PrivateKey>, PkiError> {
        self.private_key.as_ref().map(|pem| PrivateKey::parse(pem)).transpose()
    }

    /// Why it cannot be the primary; `None` if it can.
    fn why_not_primary(&self) -> Option<&'static str> {
        match self {
            _ if self.distrusted.is_some() => Some("keypair is distrusted"),
            _ if self.private_key.is_none() => Some("keypair has no private key"),
            _ if self.certificate.is_none() => Some("keypair has no certificate"),
            _ => None,
        }
    }
}

impl Keyset {
    /// A keyset of one new self-signed authority named as the keyset is.
    pub fn create(name: &str, source: &dyn KeySource) -> Result<Self, PkiError> {
        let key = source.private_key()?;
        let serial = timestamp_serial(source)?;
        let certificate = issue_authority(&Subject::named(name), serial, &key, source.now())?;
        Ok(Self::of(name, &certificate, &key))
    }

    fn of(name: &str, certificate: &Certificate, key: &PrivateKey) -> Self {
        let item = KeysetItem::new(certificate.serial.clone(), certificate, Some(key));
        Self { name: name.to_owned(), primary_id: item.id.clone(), items: vec![item], legacy: false }
    }

    /// The public keys of all trusted generations in PEM, concatenated, as API servers get them for service accounts.
    pub fn trusted_public_keys(&self) -> Result<String, PkiError> {
        let mut text = String::new();
        for item in self.trusted() {
            if let Some(certificate) = item.parsed_certificate()? {
                text.push_str(&certificate.public_key_pem());
            }
        }
        Ok(text)
    }

    /// Certificate and key of the primary, for signing.
    pub fn signer(&self) -> Result<(Certificate, PrivateKey), PkiError> {
        let primary = self.primary().ok_or_else(|| self.invariant("it has no primary key"))?;
        match (primary.parsed_certificate()?, primary.parsed_key()?) {
            (Some(certificate), Some(key)) => Ok((certificate, key)),
            _ => Err(self.invariant("its primary lacks a key or a certificate")),
        }
    }

    /// A generation by its id.
    pub fn item(&self, id: &str) -> Option<&KeysetItem> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The id of the generation that signs: `primary_id` if that is trusted, else the newest trusted one whose id is a number,
    /// as kops chooses; empty where there is none.
    pub(super) fn effective_primary_id(&self) -> String {
        let named = self.trusted().find(|item| item.id == self.primary_id);
        let newest = || self.trusted().filter(|item| is_number(&item.id)).max_by(|a, b| id_order(&a.id, &b.id));
        named.or_else(newest).map(|item| item.id.clone()).unwrap_or_default()
    }

    /// Refuses a keyset that cannot sign.
    pub(super) fn check(&self) -> Result<(), PkiError> {
        if self.primary_id.is_empty() {
            return Err(self.invariant("it must have a primary key"));
        }
        let Some(primary) = self.primary() else {
            return Err(self.invariant(format!("its primary {} is not among its keys", self.primary_id)));
        };
        match primary.why_not_primary() {
            Some(reason) => Err(self.invariant(format!("its primary {} cannot sign: {reason}", primary.id))),
            None => Ok(()),
        }
    }

    /// Adds a new self-signed generation, with the given key or a new one, and returns its id.
    pub fn add_generated(
        &mut self,
        key: Option<&PrivateKey>,
        primary: bool,
        source: &dyn KeySource,
    ) -> Result<String, PkiError> {
        let made;
        let key = match key {
            Some(key) => key,
            None => {
                made = source.private_key()?;
                &made
            }
        };
        let serial = timestamp_serial(source)?;
        let subject = Subject { serial_number: Some(serial.to_string()), ..Subject::named(&self.name) };
        let certificate = issue_authority(&subject, serial, key, source.now())?;
        self.add(&certificate, Some(key), primary, source)
    }

    /// Adds a generation and returns its id. Without a key it is only trusted, and sorts before the primary.
    pub fn add(
        &mut self,
        certificate: &Certificate,
        key: Option<&PrivateKey>,
        primary: bool,
        source: &dyn KeySource,
    ) -> Result<String, PkiError> {
        if key.is_none() && primary {
            return Err(self.invariant("private key not provided for primary item"));
        }
        if self.items.is_empty() && !primary {
            return Err(self.invariant("the first keypair added to a keyset must be primary"));
        }
        let serial = &certificate.serial;
        // Ids grow, so that generations made later sort later; a primary must not sort before existing ones.
        let mut id = timestamp_serial(source)?.to_string();
        let above_all = self.items.iter().filter(|i| is_number(&i.id)).all(|i| id_order(&i.id, serial).is_lt());
        if id_order(serial, &id).is_le() && (!primary || above_all) {
            id = serial.clone();
        }
        if key.is_none() {
            let primary_serial = match self.primary() {
                Some(item) => item.parsed_certificate()?.map(|certificate| certificate.serial),
                None => None,
            };
            if primary_serial.is_some_and(|primary| id_order(&primary, &id).is_le()) {
                id = (0u64..).map(|n| n.to_string()).find(|n| self.item(n).is_none()).unwrap_or_default();
            }
        }
        if let Some(other) = self.item(&id) {
            let same = other.certificate.as_deref() == Some(certificate.pem().as_str());
            let reason =
                if same { "it already has this keypair" } else { "it has another keypair with this serial number" };
            return Err(self.invariant(reason));
        }
        self.items.push(KeysetItem::new(id.clone(), certificate, key));
        self.items.sort_by(|a, b| id_order(&a.id, &b.id));
        if primary {
            self.primary_id.clone_from(&id);
        }
        Ok(id)
    }

    /// Adds a plain authority for the primary's key and makes it the primary.
    pub fn reissue(&mut self, key: &PrivateKey, source: &dyn KeySource) -> Result<(), PkiError> {
        let serial = timestamp_serial(source)?;
        let certificate = issue_authority(&Subject::named(&self.name), serial, key, source.now())?;
        let item = KeysetItem::new(certificate.serial.clone(), &certificate, Some(key));
        self.primary_id.clone_from(&item.id);
        self.items.push(item);
        self.items.sort_by(|a, b| id_order(&a.id, &b.id));
        Ok(())
    }

    /// Makes a generation the primary: the given one, or the newest that can be. Returns its id, or `None` if it is the primary
    /// already.
    pub fn promote(&mut self, id: Option<&str>) -> Result<Option<String>, PkiError> {
        let id = match id {
            Some(id) => {
                let item = self.item(id).ok_or_else(|| self.invariant(format!("keypair {id} not found")))?;
                if let Some(reason) = item.why_not_primary() {
                    return Err(self.invariant(format!("{reason}: {id}")));
                }
                id.to_owned()
            }
            None => {
                let able = self.items.iter().filter(|i| i.why_not_primary().is_none() && is_number(&i.id));
                let newest = able.max_by(|a, b| id_order(&a.id, &b.id));
                newest.ok_or_else(|| self.invariant("no keypair of it can be primary"))?.id.clone()
            }
        };
        if id == self.primary_id {
            return Ok(None);
        }
        self.primary_id.clone_from(&id);
        Ok(Some(id))
    }

    /// The trusted generations that are older than the primary, by the serials of their certificates.
    pub fn older_than_primary(&self) -> Result<Vec<String>, PkiError> {
        let (primary, _) = self.signer()?;
        let mut older = Vec::new();
        for item in self.trusted() {
            if let Some(certificate) = item.parsed_certificate()?
                && id_order(&certificate.serial, &primary.serial).is_lt()
            {
                older.push(item.id.clone());
            }
        }
        Ok(older)
    }

    /// Distrusts a generation from now on. Returns whether that is a change.
    pub fn distrust(&mut self, id: &str, now: jiff::Timestamp) -> Result<bool, PkiError> {
        if id == self.primary_id {
            return Err(self.invariant("cannot distrust the primary keypair"));
        }
        let not_found = self.invariant(format!("keypair {id} not found"));
        let item = self.items.iter_mut().find(|item| item.id == id).ok_or(not_found)?;
        if item.distrusted.is_some() {
            return Ok(false);
        }
        item.distrusted = Some(now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        Ok(true)
    }

    /// Trusts a generation again. Returns whether that is a change.
    pub fn trust(&mut self, id: &str) -> Result<bool, PkiError> {
        let not_found = self.invariant(format!("keypair {id} not found"));
        let item = self.items.iter_mut().find(|item| item.id == id).ok_or(not_found)?;
        Ok(item.distrusted.take().is_some())
    }

    fn invariant(&self, reason: impl Into<String>) -> PkiError {
        PkiError::Invariant { keyset: self.name.clone(), reason: reason.into() }
    }
}

/// Whether keypairs of a keyset can be created, promoted and distrusted.
pub fn is_rotatable(keyset: &str) -> bool {
    keyset == "all" || keyset == "service-account" || keyset.contains("-ca")
}

/// The name of a keyset in older versions of kops.
pub fn legacy_name(keyset: &str) -> Option<&'static str> {
    match keyset {
        "service-account" => Some("master"),
        "kubernetes-ca" => Some("ca"),
        _ => None,
    }
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The order of ids from old to new: ids that are not numbers first, then numbers by their value.
pub fn id_order(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        }
        (a_is, b_is) => a_is.cmp(&b_is).then_with(|| a.cmp(b)),
    }
}
