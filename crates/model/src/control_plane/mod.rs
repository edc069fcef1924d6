//! What runs on the control plane besides Kubernetes' own components: etcd-manager, the health check of the API server,
//! the pod that applies addons; and what it reads: the scheduler's configuration, OpenID Connect discovery documents.

mod channels;
mod encryption;
mod environment;
mod etcd_manager;
mod health_check;
mod pod;
mod scheduler;

pub use channels::CHANNELS_MANIFEST_KEY;
pub use encryption::encryption_config_hash;
pub use environment::system_environment;
pub use etcd_manager::{EtcdPorts, etcd_client_label, etcd_manifest_key};
pub use scheduler::{SCHEDULER_CONFIG_PATH, scheduler_config, scheduler_flags};

use super::{Context, ManagedFile};
use crate::nodeup::{NodeupError, StaticManifest};

/// The release that wrote the cluster, so that older ones notice.
const VERSION_KEY: &str = "kops-version.txt";

/// The files of the control plane.
///
/// # Errors
/// When an etcd cluster or a keyset cannot be expressed.
pub fn managed_files(context: &Context<'_>) -> Result<Vec<ManagedFile>, NodeupError> {
    let mut files = etcd_manager::managed_files(context)?;
    files.push(channels::managed_file(context));
    files.push(health_check::managed_file(context));
    files.push(file(context, VERSION_KEY, VERSION_KEY, crate::assets::kops_version(context.environment).to_owned()));
    Ok(files)
}

/// Static pods that run with every API server.
pub fn static_manifests() -> Vec<StaticManifest> {
    vec![StaticManifest { key: health_check::NAME.to_owned(), path: health_check::manifest_key() }]
}

/// A file below the cluster's directory.
fn file(context: &Context<'_>, name: &str, key: &str, content: String) -> ManagedFile {
    ManagedFile {
        name: name.into(),
        base: context.cluster.spec.config_base.trim_end_matches('/').to_owned(),
        key: key.to_owned(),
        content,
        ..ManagedFile::default()
    }
}
