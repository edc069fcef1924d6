//! The files that instances download: Kubernetes' binaries, container tools and the node software itself.

use crate::assets::AssetLocations;
use crate::facts::Facts;
use kopsform_env::{self as env, Environment};
use kopsform_spec::v1alpha2::{Cluster, Networking, PackagesConfig};
use kopsform_spec::versions::{KubernetesVersion, parse_tolerant};

use super::{NodeupError, hashes};

/// The architectures every list is made for: an instance takes the files of its own.
pub const ARCHITECTURES: [Architecture; 2] = [Architecture::Amd64, Architecture::Arm64];

/// An architecture, as Go names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit ARM.
    Arm64,
}

impl Architecture {
    /// The name in download addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The name in the names of shell variables.
    pub fn variable_suffix(self) -> &'static str {
        match self {
            Self::Amd64 => "AMD64",
            Self::Arm64 => "ARM64",
        }
    }
}

/// Credentials for images in ECR come from this tool of the AWS cloud provider.
const ECR_CREDENTIALS: &str = "https://artifacts.k8s.io/binaries/cloud-provider-aws/v1.31.7";
/// Credentials for images in Google's registries come from this tool of the GCP cloud provider.
const GCP_CREDENTIALS: &str = "https://artifacts.k8s.io/binaries/cloud-provider-gcp/v35.0.0";
const CRICTL_VERSION: &str = "1.29.0";
const NERDCTL_VERSION: &str = "1.7.4";
const CNI_PLUGINS: &str = "https://github.com/containernetworking/plugins/releases/download";

/// How many hexadecimal digits a hash has: MD5, SHA-1 (both only for packages that the spec names) and SHA-256.
const HASH_LENGTHS: [usize; 3] = [32, 40, 64];

/// A file that instances download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its URLs, in the order in which they are tried.
    pub locations: Vec<String>,
    /// Its hash in hex, mostly SHA-256.
    pub hash: String,
}

impl Download {
    /// `hash@location,location`, as nodeup reads it.
    pub fn compact(&self) -> String {
        format!("{}@{}", self.hash, self.locations.join(","))
    }
}

/// A file with the URL at which it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its address.
    pub url: String,
    /// Its hash in hex, mostly SHA-256.
    pub hash: String,
}

/// A file before its hash is known: where it is published, and where instances get it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    published: String,
    download: String,
    hash: Option<String>,
}

/// A tool that is published under an address made of its version.
struct Tool {
    name: &'static str,
    /// The first minor release that is published under this address for every architecture.
    oldest: (u64, u64),
    /// The address of a version, without a `v`, for an architecture.
    address: fn(&str, &str) -> String,
}

const CONTAINERD: Tool = Tool {
    name: "containerd",
    oldest: (1, 6),
    address: |version, architecture| {
        format!(
            "https://github.com/containerd/containerd/releases/download/v{version}/containerd-{version}-linux-{architecture}.tar.gz"
        )
    },
};
const RUNC: Tool = Tool {
    name: "runc",
    oldest: (1, 1),
    address: |version, architecture| {
        format!("https://github.com/opencontainers/runc/releases/download/v{version}/runc.{architecture}")
    },
};

impl Tool {
    /// A version of it, if that is one which is published.
    fn release<'a>(&self, version: Option<&'a str>) -> Result<&'a str, NodeupError> {
        let text = version.unwrap_or_default();
        let fail = |reason| NodeupError::NoDownload { tool: self.name, version: text.to_owned(), reason };
        let parsed = parse_tolerant(text).ok_or_else(|| fail("it is no version"))?;
        if (parsed.major, parsed.minor) < self.oldest {
            return Err(fail("it is too old to be published for every architecture"));
        }
        Ok(text)
    }
}

/// What a spec says about a tool.
struct Chosen<'a> {
    version: Option<&'a str>,
    packages: Option<&'a PackagesConfig>,
}

/// Knows every file that instances need, and its hash.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    cluster: &'a Cluster,
    facts: &'a Facts,
    environment: &'a Environment,
    locations: AssetLocations<'a>,
}

impl<'a> Files<'a> {
    /// The files of a completed cluster.
    pub fn new(
        cluster: &'a Cluster,
        facts: &'a Facts,
        environment: &'a Environment,
        locations: AssetLocations<'a>,
    ) -> Self {
        Self { cluster, facts, environment, locations }
    }

    /// What kubelets of this version need on one architecture, in the order of nodeup.
    pub fn kubernetes(
        &self,
        version: &KubernetesVersion,
        architecture: Architecture,
    ) -> Result<Vec<Download>, NodeupError> {
        self.kubernetes_files(version, architecture)?.iter().map(|file| self.with_hash(file)).collect()
    }

    /// nodeup itself, which the boot script fetches.
    pub fn nodeup(&self, architecture: Architecture) -> Result<Download, NodeupError> {
        self.with_hash(&self.kops_file(&format!("linux/{}/nodeup", architecture.name())))
    }

    /// protokube, which finds the volumes and names of control planes.
    pub fn protokube(&self, architecture: Architecture) -> Result<Download, NodeupError> {
        self.with_hash(&self.kops_file(&format!("linux/{}/protokube", architecture.name())))
    }

    /// An image that is loaded from a file of the kops release instead of a registry.
    pub fn kops_image(&self, name: &str, architecture: Architecture) -> Result<Download, NodeupError> {
        self.with_hash(&self.kops_file(&format!("images/{name}-{}.tar.gz", architecture.name())))
    }

    /// An image of a Kubernetes build that is in no registry.
    pub fn kubernetes_image(&self, name: &str, architecture: Architecture) -> Result<Download, NodeupError> {
        let build = &self.cluster.spec.kubernetes_version;
        self.with_hash(&self.wanted(join(build, &format!("bin/linux/{}/{name}.tar", architecture.name()))))
    }

    /// The download addresses whose hash is neither built in nor among the facts.
    ///
    /// # Errors
    /// When a version in the spec has no downloads.
    pub fn without_hash(&self, versions: &[KubernetesVersion], images: &[&str]) -> Result<Vec<String>, NodeupError> {
        let files = self.all(versions, images)?;
        let mut urls: Vec<String> =
            files.into_iter().filter(|file| self.hash_of(file).is_none()).map(|file| file.download).collect();
        urls.sort();
        urls.dedup();
        Ok(urls)
    }

    /// All files with their published URL and hash.
    ///
    /// # Errors
    /// When a version in the spec has no downloads, or a hash is missing.
    pub fn assets(&self, versions: &[KubernetesVersion], images: &[&str]) -> Result<Vec<Asset>, NodeupError> {
        let asset = |file: Wanted| Ok(Asset { hash: self.with_hash(&file)?.hash, url: file.published });
        self.all(versions, images)?.into_iter().map(asset).collect()
    }

    fn all(&self, versions: &[KubernetesVersion], images: &[&str]) -> Result<Vec<Wanted>, NodeupError> {
        let mut files = Vec::new();
        for architecture in ARCHITECTURES {
            for version in versions {
                files.extend(self.kubernetes_files(version, architecture)?);
            }
            for binary in ["nodeup", "protokube"] {
                files.push(self.kops_file(&format!("linux/{}/{binary}", architecture.name())));
            }
            for image in images {
                files.push(self.kops_file(&format!("images/{image}-{}.tar.gz", architecture.name())));
            }
        }
        Ok(files)
    }

    fn kubernetes_files(
        &self,
        version: &KubernetesVersion,
        architecture: Architecture,
    ) -> Result<Vec<Wanted>, NodeupError> {
        let text = version.to_string();
        let base = if version.is_address() {
            text.clone()
        } else {
            format!("https://dl.k8s.io/release/v{}", text.strip_prefix('v').unwrap_or(&text))
        };
        let arch = architecture.name();
        let mut files: Vec<Wanted> =
            ["kubelet", "kubectl"].map(|binary| self.wanted(join(&base, &format!("bin/linux/{arch}/{binary}")))).into();
        files.push(self.registry_credentials(arch));
        if installs_cni_plugins(self.cluster) {
            files.push(self.cni_plugins(version, arch));
        }
        let containerd = self.cluster.spec.containerd.clone().unwrap_or_default();
        if containerd.skip_install {
            return Ok(files);
        }
        let chosen = Chosen { version: containerd.version.as_deref(), packages: containerd.packages.as_ref() };
        files.push(self.tool(&CONTAINERD, &chosen, architecture)?);
        let runc = containerd.runc.unwrap_or_default();
        let chosen = Chosen { version: runc.version.as_deref(), packages: runc.packages.as_ref() };
        files.push(self.tool(&RUNC, &chosen, architecture)?);
        if containerd.install_nerd_ctl {
            files.push(self.wanted(format!(
                "https://github.com/containerd/nerdctl/releases/download/v{NERDCTL_VERSION}/nerdctl-{NERDCTL_VERSION}-linux-{arch}.tar.gz"
            )));
        }
        if containerd.install_cri_ctl {
            files.push(self.wanted(format!(
                "https://github.com/kubernetes-sigs/cri-tools/releases/download/v{CRICTL_VERSION}/crictl-v{CRICTL_VERSION}-linux-{arch}.tar.gz"
            )));
        }
        Ok(files)
    }

    /// The kubelet's credential provider for the registry of the cloud.
    fn registry_credentials(&self, arch: &str) -> Wanted {
        self.wanted(if self.cluster.is_on_gce() {
            format!("{GCP_CREDENTIALS}/auth-provider-gcp/linux/{arch}/auth-provider-gcp")
        } else {
            format!("{ECR_CREDENTIALS}/linux/{arch}/ecr-credential-provider-linux-{arch}")
        })
    }

    /// The plugins of the release the Kubernetes version was tested with, or those the environment names.
    fn cni_plugins(&self, version: &KubernetesVersion, arch: &str) -> Wanted {
        if let (Some(url), Some(hash)) =
            (self.environment.get(env::CNI_VERSION_URL), self.environment.get(env::CNI_ASSET_HASH_STRING))
        {
            return Wanted { hash: Some(hash.to_owned()), ..self.wanted(url.to_owned()) };
        }
        let release = if version.at_least(1, 32) { "1.6.2" } else { "1.5.1" };
        self.wanted(format!("{CNI_PLUGINS}/v{release}/cni-plugins-linux-{arch}-v{release}.tgz"))
    }

    /// A tool: a package that the spec names, or a published version.
    fn tool(&self, tool: &Tool, wanted: &Chosen<'_>, architecture: Architecture) -> Result<Wanted, NodeupError> {
        if let Some(file) = self.package(wanted.packages, architecture) {
            return Ok(file);
        }
        let version = tool.release(wanted.version)?;
        Ok(self.wanted((tool.address)(version, architecture.name())))
    }

    /// A package that the spec names with its hash.
    fn package(&self, packages: Option<&PackagesConfig>, architecture: Architecture) -> Option<Wanted> {
        let packages = packages?;
        let (url, hash) = match architecture {
            Architecture::Amd64 => (packages.url_amd64.as_ref(), packages.hash_amd64.as_ref()),
            Architecture::Arm64 => (packages.url_arm64.as_ref(), packages.hash_arm64.as_ref()),
        };
        let (url, hash) = (url?, hash?);
        if url.is_empty() {
            return None;
        }
        Some(Wanted { hash: Some(hash.clone()).filter(|h| !h.is_empty()), ..self.wanted(url.clone()) })
    }

    /// A file of the kops release.
    fn kops_file(&self, path: &str) -> Wanted {
        self.wanted(join(&crate::assets::kops_base_url(self.environment), path))
    }

    fn wanted(&self, published: String) -> Wanted {
        Wanted { download: self.locations.file(&published), published, hash: None }
    }

    fn hash_of(&self, file: &Wanted) -> Option<String> {
        let recorded = || self.facts.assets.get(&file.download).or_else(|| self.facts.assets.get(&file.published));
        file.hash
            .clone()
            .or_else(|| hashes::built_in(&file.published).map(str::to_owned))
            .or_else(|| recorded().cloned())
    }

    fn with_hash(&self, file: &Wanted) -> Result<Download, NodeupError> {
        let hash = self.hash_of(file).ok_or_else(|| NodeupError::NoHash { url: file.download.clone() })?;
        let hash = hash.trim().to_lowercase();
        if !HASH_LENGTHS.contains(&hash.len()) || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NodeupError::BadHash { url: file.download.clone(), hash });
        }
        Ok(Download { locations: crate::assets::mirrors(&file.download, self.environment), hash })
    }
}

/// Whether nodes get the common CNI plugins; some network plugins ship theirs.
pub(super) fn installs_cni_plugins(cluster: &Cluster) -> bool {
    let brings_its_own = |n: &Networking| n.amazonvpc.is_some() || n.calico.is_some() || n.cilium.is_some();
    !cluster.spec.networking.as_ref().is_some_and(brings_its_own)
}

/// Appends a path to an address, with one slash between.
fn join(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}
