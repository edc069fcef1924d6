//! What is written about one cluster, into the entries of kubectl's configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// The version of the protocol between kubectl and the program that makes credentials.
const EXEC_API: &str = "client.authentication.k8s.io/v1beta1";

/// How kubectl proves who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Nothing is said about it: what is there stays.
    Untouched,
    /// A client certificate, in the user of the cluster's name.
    Certificate {
        /// The certificate, as PEM.
        certificate: String,
        /// Its private key, as PEM.
        key: Zeroizing<String>,
    },
    /// A program that makes a certificate when one is needed.
    Plugin {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
    },
    /// A user that is in the configuration already.
    Existing(String),
}

/// A cluster, its user and its context, all of the cluster's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The cluster's name.
    pub name: String,
    /// The address of the API, `https://…`.
    pub server: String,
    /// The name in the API's certificate.
    pub tls_server_name: String,
    /// The certificates the API's is signed by, as PEM; `None` where the system's are enough.
    pub authority: Option<String>,
    /// Who logs in.
    pub login: Login,
}

impl Entry {
    /// The user the context shall name; `None` leaves the one it has.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.login {
            Login::Untouched => None,
            Login::Existing(user) => Some(user),
            Login::Certificate { .. } | Login::Plugin { .. } => Some(&self.name),
        }
    }

    /// Writes what is known into the `cluster` of an entry; other fields stay.
    pub(super) fn fill_cluster(&self, fields: &mut Map<String, Value>) {
        fields.insert("server".to_owned(), self.server.clone().into());
        fields.insert("tls-server-name".to_owned(), self.tls_server_name.clone().into());
        set(fields, "certificate-authority-data", self.authority.as_deref().map(encoded));
    }

    /// Writes the credential into the `user` of an entry. What would compete with it goes.
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
        // kubectl's own library writes contexts with a user always.
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
