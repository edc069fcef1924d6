//! What the commands do, one file an operation, without clap.

mod assigned;
pub mod channel;
pub mod documents;
pub mod facts;
pub mod get;
pub mod keypairs;
pub mod lock;
pub mod pki_report;
pub mod planned;
pub mod prepare;
pub mod replace;
pub mod running_instances;
pub mod secrets;
pub mod sshkeys;
pub mod stored_form;
pub mod template;
pub mod update_cluster;
pub mod validate_spec;
