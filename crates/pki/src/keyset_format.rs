//! The format of keysets in the state store.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Certificate, Keyset, KeysetItem, PkiError, PrivateKey, id_order};
use kopsform_spec::meta::ObjectMeta;

/// The version of the format that is written; a keyset in another one is of an older kops.
const API_VERSION: &str = kopsform_spec::labels::API_VERSION;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: ObjectMeta,
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    keys: Vec<Item>,
    #[serde(skip_serializing_if = "String::is_empty")]
    primary_id: String,
    r#type: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    #[serde(skip_serializing_if = "Option::is_none")]
    distrust_timestamp: Option<String>,
    id: String,
    #[serde(skip_serializing_if = "Material::is_empty")]
    private_material: Material,
    #[serde(skip_serializing_if = "Material::is_empty")]
    public_material: Material,
}

/// PEM in base64, wiped when dropped.
#[derive(Default)]
struct Material(Zeroizing<String>);

impl Material {
    fn of(pem: &str) -> Self {
        Self(Zeroizing::new(STANDARD.encode(pem)))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn pem(&self) -> Result<Option<Zeroizing<String>>, PkiError> {
        if self.is_empty() {
            return Ok(None);
        }
        let malformed = || PkiError::Keyset("material is not PEM in base64".to_owned());
        let mut text = Zeroizing::new(String::with_capacity(self.0.len()));
        text.extend(self.0.chars().filter(|c| !c.is_whitespace()));
        let bytes = Zeroizing::new(STANDARD.decode(text.as_bytes()).map_err(|_| malformed())?);
        let pem = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
        Ok(Some(Zeroizing::new(pem.to_owned())))
    }
}

impl Serialize for Material {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Material {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Zeroizing::new(Option::<String>::deserialize(deserializer)?.unwrap_or_default())))
    }
}

/// Reads a keyset. The name is that of its key in the store, regardless of the one in the document.
///
/// The primary is the one that the document names if it is trusted, else the newest trusted one whose id is a number.
pub fn parse_keyset(name: &str, text: &[u8]) -> Result<Keyset, PkiError> {
    // The parser's own words could repeat a key.
    let document: Document = serde_yaml::from_slice(text).map_err(|error| {
        let place = error.location().map_or(String::new(), |l| format!(" (line {}, column {})", l.line(), l.column()));
        PkiError::Keyset(format!("it is not YAML of a Keyset{place}"))
    })?;
    let kind_is_right = document.kind.is_empty() || document.kind == "Keyset";
    if !kind_is_right {
        return Err(PkiError::Keyset(format!("it is a {}", kopsform_diagnostics::shortened(document.kind))));
    }
    let mut items = Vec::with_capacity(document.spec.keys.len());
    for key in document.spec.keys {
        let certificate = match key.public_material.pem()? {
            Some(pem) => Some(Certificate::parse(&pem)?.pem()),
            None => None,
        };
        let private_key = match key.private_material.pem()? {
            Some(pem) => Some(PrivateKey::parse(&pem)?.pem().clone()),
            None => None,
        };
        items.push(KeysetItem { id: key.id, certificate, private_key, distrusted: key.distrust_timestamp });
    }
    items.sort_by(|a, b| id_order(&a.id, &b.id));
    let legacy = !document.api_version.is_empty() && document.api_version != API_VERSION;
    let mut keyset = Keyset { name: name.to_owned(), primary_id: document.spec.primary_id, items, legacy };
    keyset.primary_id = keyset.effective_primary_id();
    Ok(keyset)
}

/// The stored form of a keyset, with its generations from the oldest to the newest.
///
/// # Errors
/// When the keyset cannot sign: it must have a trusted primary with key and certificate.
pub fn print_keyset(keyset: &Keyset) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    keyset.check()?;
    let mut items: Vec<&KeysetItem> = keyset.items.iter().collect();
    items.sort_by(|a, b| id_order(&a.id, &b.id));
    let keys = items.into_iter().map(|item| Item {
        id: item.id.clone(),
        distrust_timestamp: item.distrusted.clone(),
        public_material: item.certificate.as_deref().map(Material::of).unwrap_or_default(),
        private_material: item.private_key.as_ref().map(|pem| Material::of(pem)).unwrap_or_default(),
    });
    let document = Document {
        api_version: API_VERSION.to_owned(),
        kind: "Keyset".to_owned(),
        metadata: ObjectMeta { name: keyset.name.clone(), ..ObjectMeta::default() },
        spec: Spec { keys: keys.collect(), primary_id: keyset.primary_id.clone(), r#type: "Keypair".to_owned() },
    };
    let text = serde_yaml::to_string(&document).map_err(|error| PkiError::Keyset(error.to_string()))?;
    Ok(Zeroizing::new(text.into_bytes()))
}
