//! The kubeconfig entries of one cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// The version of the protocol between kubectl and exec plugins.
const EXEC_API: &str = "client.authentication.k8s.io/v1beta1";

/// How kubectl authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Existing credentials stay.
    Untouched,
    /// A client certificate, in the user of the cluster's name.
    Certificate {
        /// The certificate, as PEM.
        certificate: String,
        /// Its private key, as PEM.
        key: Zeroizing<String>,
    },
    /// An exec plugin that issues credentials on demand.
    Plugin {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
    },
    /// An existing user.
    Existing(String),
}

/// A cluster, its user and its context, all under the cluster's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The cluster's name.
    pub name: String,
    /// The address of the API, `https://…`.
    pub server: String,
    /// The name in the API's certificate.
    pub tls_server_name: String,
    /// The authorities of the API's certificate, as PEM; `None` for those of the system.
    pub authority: Option<String>,
    /// How kubectl authenticates.
    pub login: Login,
}

impl Entry {
    /// The user of the context; `None` leaves the one it has.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.login {
            Login::Untouched => None,
            Login::Existing(user) => Some(user),
            Login::Certificate { .. } | Login::Plugin { .. } => Some(&self.name),
        }
    }

    /// Sets the fields of the `cluster` of an entry; others stay.
    pub(super) fn fill_cluster(&self, fields: &mut Map<String, Value>) {
        fields.insert("server".to_owned(), self.server.clone().into());
        fields.insert("tls-server-name".to_owned(), self.tls_server_name.clone().into());
        set(fields, "certificate-authority-data", self.authority.as_deref().map(encoded));
    }

    /// Sets the credential in the `user` of an entry and removes those that kubectl would prefer.
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

    /// Sets cluster and user of the `context` of an entry; other fields, such as the namespace, stay.
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
