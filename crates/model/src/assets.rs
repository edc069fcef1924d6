//! Where files and container images come from: their published location, or the registry, proxy and repository of the spec.

use std::collections::BTreeMap;

use crate::facts::Facts;
use kopsform_env::features::{Feature, Features};
use kopsform_env::{self as env, Environment};
use kopsform_spec::v1alpha2::{Assets, Cluster};

/// Where releases of the node software are published, by version.
const KOPS_RELEASES: &str = "https://artifacts.k8s.io/binaries/kops/";

/// Images that an environment variable replaces, for users who build the components of kops themselves.
const OVERRIDES: [(&str, &str); 3] = [
    ("registry.k8s.io/kops/dns-controller:", env::DNSCONTROLLER_IMAGE),
    ("registry.k8s.io/kops/kops-controller:", env::KOPSCONTROLLER_IMAGE),
    ("registry.k8s.io/kops/kube-apiserver-healthcheck:", env::KUBE_APISERVER_HEALTHCHECK_IMAGE),
];

/// Rewrites image names and download addresses as the spec and the environment ask for.
#[derive(Debug, Clone, Copy)]
pub struct AssetLocations<'a> {
    assets: Option<&'a Assets>,
    digests: Option<&'a BTreeMap<String, String>>,
    environment: &'a Environment,
}

impl<'a> AssetLocations<'a> {
    /// The locations of one cluster. Digests are added only when the feature is on and nodeup is a released one.
    pub fn new(cluster: &'a Cluster, facts: &'a Facts, features: &Features, environment: &'a Environment) -> Self {
        let with_digests = features.enabled(Feature::ImageDigest) && environment.get(env::KOPS_BASE_URL).is_none();
        Self {
            assets: cluster.spec.assets.as_ref(),
            digests: with_digests.then_some(&facts.image_digests),
            environment,
        }
    }

    /// The name under which nodes pull an image, by digest where that is known. Giving a result back in changes nothing more.
    pub fn image(&self, image: &str) -> String {
        let image = self.located(image);
        if image.contains('@') {
            return image;
        }
        match self.digests.and_then(|digests| digests.get(&image)) {
            Some(digest) => format!("{image}@{digest}"),
            None => image,
        }
    }

    /// The name under which nodes pull an image, without its digest.
    pub fn located(&self, image: &str) -> String {
        let replacement =
            OVERRIDES.iter().find(|(prefix, _)| image.starts_with(prefix)).and_then(|(_, v)| self.environment.get(v));
        self.place(replacement.unwrap_or(image))
    }

    /// The name of an image, or the start of one, in the registry or behind the proxy of the spec.
    pub fn place(&self, image: &str) -> String {
        let mut image = image.to_owned();
        if let Some(proxy) = self.assets.and_then(|a| a.container_proxy.as_deref()) {
            image = through_proxy(&image, proxy.strip_suffix('/').unwrap_or(proxy));
        }
        if let Some(registry) = self.assets.and_then(|a| a.container_registry.as_deref()) {
            image = in_registry(&image, registry);
        }
        image
    }

    /// The address from which nodes download a file.
    pub fn file(&self, url: &str) -> String {
        let Some(repository) = self.file_repository() else { return url.to_owned() };
        let (base, directory) = split_host(repository);
        let (host, path) = split_host(url);
        if base.rsplit('/').next() == host.rsplit('/').next() {
            return url.to_owned();
        }
        let segments = directory.split('/').chain(path.split('/')).filter(|part| !part.is_empty());
        segments.fold(base.to_owned(), |joined, part| joined + "/" + part)
    }

    /// The repository of the spec that mirrors every file.
    pub fn file_repository(&self) -> Option<&'a str> {
        self.assets.and_then(|a| a.file_repository.as_deref()).filter(|r| !r.is_empty())
    }
}

/// The version of the node software: the last part of `KOPS_BASE_URL`, else kopsform's counterpart.
pub fn kops_version(environment: &Environment) -> &str {
    let base = environment.get(env::KOPS_BASE_URL).map(|url| split_host(url).1.trim_end_matches('/'));
    base.and_then(|path| path.rsplit('/').next()).filter(|part| !part.is_empty()).unwrap_or(kopsform_spec::KOPS_VERSION)
}

/// The version of the node software as a tag of its images.
pub fn image_tag(environment: &Environment) -> String {
    kops_version(environment).replace('+', "-")
}

/// Where the node software is published, with a slash at the end.
pub fn kops_base_url(environment: &Environment) -> String {
    match environment.get(env::KOPS_BASE_URL) {
        Some(url) => format!("{}/", url.trim_end_matches('/')),
        None => format!("{KOPS_RELEASES}{}/", kopsform_spec::KOPS_VERSION),
    }
}

/// All URLs of a file: releases of the node software are on GitHub as well.
pub fn mirrors(url: &str, environment: &Environment) -> Vec<String> {
    let version = kops_version(environment);
    let mut places = vec![url.to_owned()];
    if let Some(path) = url.strip_prefix(&format!("{KOPS_RELEASES}{version}/")) {
        places.push(format!("https://github.com/kubernetes/kops/releases/download/v{version}/{}", github_name(path)));
    }
    places
}

/// GitHub releases have no directories: `linux/amd64/nodeup` is `nodeup-linux-amd64` there.
fn github_name(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["linux", architecture @ ("amd64" | "arm64"), binary @ ("nodeup" | "protokube")] => {
            format!("{binary}-linux-{architecture}")
        }
        _ => path.replace('/', "-"),
    }
}

/// `https://host/path` as `https://host` and `/path`.
fn split_host(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    url.split_at(end)
}

/// Images of Docker Hub have no registry in their name: the proxy is prepended. In other images it replaces the registry.
fn through_proxy(image: &str, proxy: &str) -> String {
    let (first, rest) = image.split_once('/').unwrap_or((image, ""));
    let names_registry = image.matches('/').count() > 1 || first.contains(['.', ':']);
    match (names_registry, rest) {
        (false, _) => format!("{proxy}/{image}"),
        (true, "") => proxy.to_owned(),
        (true, rest) => format!("{proxy}/{rest}"),
    }
}

/// One flat repository: what was a path becomes part of the name.
fn in_registry(image: &str, registry: &str) -> String {
    let name = image.strip_prefix("registry.k8s.io/").unwrap_or(image);
    if name.strip_prefix(registry).is_some_and(|rest| rest.starts_with('/')) {
        return name.to_owned();
    }
    format!("{registry}/{}", name.replace('/', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(assets: Assets, environment: &Environment, work: impl Fn(AssetLocations<'_>) -> String) -> String {
        let mut cluster = Cluster::default();
        cluster.spec.assets = Some(assets);
        let digest = ("registry.k8s.io/pause:3.10.1".to_owned(), "sha256:00".to_owned());
        let facts = Facts { image_digests: [digest].into(), ..Facts::default() };
        work(AssetLocations::new(&cluster, &facts, &Features::default(), environment))
    }

    fn image(assets: Assets, name: &str) -> String {
        located(assets, &Environment::default(), |l| l.image(name))
    }

    #[test]
    fn a_proxy_stands_in_for_every_registry() {
        let proxy = || Assets { container_proxy: Some("proxy.example.com/".to_owned()), ..Assets::default() };
        assert_eq!(image(proxy(), "registry.k8s.io/pause:3.9"), "proxy.example.com/pause:3.9");
        assert_eq!(image(proxy(), "busybox"), "proxy.example.com/busybox");
        assert_eq!(image(proxy(), "calico/node:v3"), "proxy.example.com/calico/node:v3");
        assert_eq!(image(proxy(), "quay.io/cilium/cilium:v1"), "proxy.example.com/cilium/cilium:v1");
        assert_eq!(image(proxy(), "docker.io/library/a/b:1"), "proxy.example.com/library/a/b:1");
    }

    #[test]
    fn a_registry_is_flat_and_applied_once() {
        let registry = || Assets { container_registry: Some("reg.example.com/mirror".to_owned()), ..Assets::default() };
        let once = image(registry(), "registry.k8s.io/kops/kops-controller:1.36.2");
        assert_eq!(once, "reg.example.com/mirror/kops-kops-controller:1.36.2");
        assert_eq!(image(registry(), &once), once);
        assert_eq!(image(registry(), "quay.io/cilium/cilium:v1"), "reg.example.com/mirror/quay.io-cilium-cilium:v1");
    }

    #[test]
    fn known_digests_pin_images_of_released_versions() {
        assert_eq!(image(Assets::default(), "registry.k8s.io/pause:3.10.1"), "registry.k8s.io/pause:3.10.1@sha256:00");
        let development = Environment::of([(env::KOPS_BASE_URL, "http://localhost")]);
        let name = located(Assets::default(), &development, |l| l.image("registry.k8s.io/pause:3.10.1"));
        assert_eq!(name, "registry.k8s.io/pause:3.10.1");
    }

    #[test]
    fn files_keep_their_path_below_the_repository() {
        let repository =
            || Assets { file_repository: Some("https://files.example.com/kops/".to_owned()), ..Assets::default() };
        let file = |url: &str| located(repository(), &Environment::default(), |l| l.file(url));
        assert_eq!(
            file("https://dl.k8s.io/release/v1.36.0/bin/linux/amd64/kubelet"),
            "https://files.example.com/kops/release/v1.36.0/bin/linux/amd64/kubelet"
        );
        assert_eq!(file("https://files.example.com/own/file"), "https://files.example.com/own/file");
    }

    #[test]
    fn releases_have_a_mirror_and_other_places_have_none() {
        let released = Environment::default();
        let url = kops_base_url(&released) + "linux/amd64/nodeup";
        let mirror = "https://github.com/kubernetes/kops/releases/download/v1.36.2/nodeup-linux-amd64";
        assert_eq!(mirrors(&url, &released), [url.as_str(), mirror]);
        let image = kops_base_url(&released) + "images/dns-controller-amd64.tar.gz";
        assert!(mirrors(&image, &released)[1].ends_with("/v1.36.2/images-dns-controller-amd64.tar.gz"));

        let own = Environment::of([(env::KOPS_BASE_URL, "http://localhost:8000/kops/1.37.0-dev/")]);
        assert_eq!(kops_version(&own), "1.37.0-dev");
        let url = kops_base_url(&own) + "linux/amd64/nodeup";
        assert_eq!(mirrors(&url, &own), [url]);
    }

    #[test]
    fn own_builds_replace_components() {
        let own = Environment::of([(env::KOPSCONTROLLER_IMAGE, "me/kops-controller:dev")]);
        let name = located(Assets::default(), &own, |l| l.image("registry.k8s.io/kops/kops-controller:1.36.2"));
        assert_eq!(name, "me/kops-controller:dev");
    }
}
