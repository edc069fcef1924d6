//! Which key holds what.
//!
//! Keys of a cluster's registry: `config`, `instancegroup/<name>`, `clusteraddons/default`. Below its configuration base, which
//! is the same prefix unless the spec says otherwise: `cluster-completed.spec`, `kops-version.txt`, `addons/…`,
//! `igconfig/…`, `manifests/…`, `backups/…`. Below the key store: `private/<keyset>/keyset.yaml`, `ssh/public/admin/<fingerprint>`.
//! Below the secret store: `<secret>`.

/// The cluster's spec.
pub const CONFIG: &str = "config";
/// Before the name of an instance group.
pub const INSTANCE_GROUPS: &str = "instancegroup/";
/// Objects that `create -f` stores to be applied to the cluster.
pub const ADDITIONAL_OBJECTS: &str = "clusteraddons/default";
/// Before the name of a keyset, in the key store.
pub const KEYSETS: &str = "private/";
/// Before the fingerprint of an SSH key, in the key store.
pub const SSH_KEYS: &str = "ssh/public/admin/";
/// The prefix of the key store, below the configuration base.
pub const KEY_STORE: &str = "pki";
/// The prefix of the secret store, below the configuration base.
pub const SECRET_STORE: &str = "secrets";
/// The cluster's spec with every default filled in.
pub const COMPLETED_SPEC: &str = "cluster-completed.spec";
/// The version of kops that last updated the cluster.
pub const KOPS_VERSION_FILE: &str = "kops-version.txt";
/// The prefix of keys that kops does not know, such as locks and journals. kops takes none of them for a cluster.
pub const OWN_PREFIX: &str = ".kopsform";

/// The key of an instance group.
pub fn instance_group_key(name: &str) -> String {
    format!("{INSTANCE_GROUPS}{name}")
}

/// The key of a keyset, in the key store.
pub fn keyset_key(name: &str) -> String {
    format!("{KEYSETS}{name}/keyset.yaml")
}

/// The key of an SSH public key, in the key store, from its fingerprint with or without colons.
pub fn ssh_key_key(fingerprint: &str) -> String {
    format!("{SSH_KEYS}{}", fingerprint.replace(':', ""))
}

/// Whether an object of the store is private: a key, or a secret.
pub fn is_private(key: &str) -> bool {
    let parts: Vec<&str> = key.split('/').collect();
    parts.contains(&SECRET_STORE) || parts.contains(&"private")
}

/// Whether kops knows a key below a cluster's configuration base. It refuses to delete a cluster that holds any other.
pub fn is_known_key(key: &str) -> bool {
    const FILES: [&str; 4] = [CONFIG, "cluster.spec", COMPLETED_SPEC, KOPS_VERSION_FILE];
    const PREFIXES: [&str; 8] =
        ["addons/", "clusteraddons/", "pki/", "secrets/", INSTANCE_GROUPS, "igconfig/", "manifests/", "backups/"];
    FILES.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_keys_and_secrets_are_private() {
        assert!(is_private("demo/pki/private/kubernetes-ca/keyset.yaml"));
        assert!(is_private("demo/secrets/system:dns"));
        assert!(!is_private("demo/pki/ssh/public/admin/70ac"));
        assert!(!is_private("demo/instancegroup/secrets-group"));
    }

    #[test]
    fn only_the_keys_of_kops_are_known() {
        assert!(is_known_key("pki/private/x/keyset.yaml"));
        assert!(is_known_key("kops-version.txt"));
        assert!(!is_known_key("notes.txt"));
        assert!(!is_known_key("config.bak"));
    }
}
