//! The kubeconfig entries of one cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// The version of the protocol between kubectl and credential plugins.
const EXEC_API: &str = "client.authentication.k8s.io/v1beta1";

/// How kubectl authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// The user's entry stays as it is.
    Untouched,
    /// A client certificate, for a user with the cluster's name.
    Certificate {
        /// PEM.
        certificate: String,
        /// PEM.
        key: Zeroizing<String>,
    },
    /// A credential plugin.
    Plugin { command: String, args: Vec<String> },
    /// The name of an existing user.
    Existing(String),
}

/// A cluster with its user and its context, all named after the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The cluster's name.
    pub name: String,
    /// The address of the API, `https://…`.
    pub server: String,
    /// The name in the API's certificate.
    pub tls_server_name: String,
    /// The certificates of the API's authority, as PEM; `None` uses the system's trust store.
    pub authority: Option<String>,
    /// How the user authenticates.
    pub login: Login,
}

impl Entry {
    /// The user of the context; `None` keeps the current one.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.login {
            Login::Untouched => None,
            Login::Existing(user) => Some(user),
            Login::Certificate { .. } | Login::Plugin { .. } => Some(&self.name),
        }
    }

    /// Writes the known fields into the `cluster` of an entry; other fields stay.
    pub(super) fn fill_cluster(&self, fields: &mut Map<String, Value>) {
        fields.insert("server".to_owned(), self.server.clone().into());
        fields.insert("tls-server-name".to_owned(), self.tls_server_name.clone().into());
        set(fields, "certificate-authority-data", self.authority.as_deref().map(encoded));
    }

    /// Writes the credential into the `user` of an entry and removes competing ones.
    pub(super) fn fill_user(&self, fields: &mut Map<String, Value>) {
        match &self.login {
            Login::Untouched | Login::Existing(_) => {}
            Login::Certificate { certificate, key } => {
                set(fields, "client-certificate", None);
                set(fields, "client-key", None);
                set(fields, "client-certificate-data", Some(encoded(certificate)));
                set(fields, "client-key-data", Some(encoded(key)));
            }
            Login::Plugin { command, args } => {
                const REPLACED: [&str; 6] = [
                    "client-certificate",
                    "client-certificate-data",
                    "client-key",
                    "client-key-data",
                    "username",
                    "password",
                ];
                REPLACED.iter().for_each(|field| set(fields, field, None));
                let exec =
                    json!({ "apiVersion": EXEC_API, "command": command, "args": args, "provideClusterInfo": false });
                fields.insert("exec".to_owned(), exec);
            }
        }
    }

    /// Writes cluster and user into the `context` of an entry; other fields, such as the namespace, stay.
    pub(super) fn fill_context(&self, fields: &mut Map<String, Value>) {
        fields.insert("cluster".to_owned(), self.name.clone().into());
        if let Some(user) = self.user() {
            fields.insert("user".to_owned(), user.into());
        }
        // client-go always writes contexts with a user.
        fields.entry("user").or_insert_with(|| "".into());
    }
}

fn set(fields: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => _ = fields.insert(name.to_owned(), value),
        None => _ = fields.remove(name),
    }
}

fn encoded(text: impl AsRef<str>) -> Value {
    STANDARD.encode(text.as_ref()).into()
}
