//! The calls that rolling updates and validation make.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::{Api, DeleteParams, EvictParams, ListParams, Patch, PatchParams, Preconditions};
use serde_json::json;

use super::convert::{budget, is_system_pod, node, pod};
use kopsform_rolling::ports::{
    ApiError, Budget, EXCLUDE_LABEL, Eviction, Kubernetes, Node, NodeChange, Patched, Pod, Retryability, UPDATE_TAINT,
};

/// The number of objects on a page of a list.
const PAGE_SIZE: u32 = 500;

/// A connection to one cluster's API.
#[derive(Clone)]
pub struct Client {
    client: kube::Client,
    host: String,
    port: u16,
}

impl Client {
    pub(super) fn new(client: kube::Client, host: String, port: u16) -> Self {
        Self { client, host, port }
    }

    fn nodes_api(&self) -> Api<core::Node> {
        Api::all(self.client.clone())
    }

    fn pods_api(&self, namespace: &str) -> Api<core::Pod> {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The kubelet versions of the control plane's nodes, such as `v1.36.0`.
    ///
    /// # Errors
    /// When the nodes cannot be listed.
    pub async fn control_plane_versions(&self) -> Result<Vec<String>, ApiError> {
        let params = ListParams::default().labels("node-role.kubernetes.io/control-plane");
        let version = |node: core::Node| Some(node.status?.node_info?.kubelet_version);
        self.list(&self.nodes_api(), "control-plane nodes", params, version).await
    }

    /// Lists page by page, keeping only the result of `convert` for each object.
    async fn list<K, T>(
        &self,
        api: &Api<K>,
        what: &str,
        params: ListParams,
        convert: impl Fn(K) -> Option<T> + Send,
    ) -> Result<Vec<T>, ApiError>
    where
        K: Clone + serde::de::DeserializeOwned + std::fmt::Debug + Send,
        T: Send,
    {
        let mut params = params.limit(PAGE_SIZE);
        let mut found = Vec::new();
        loop {
            let page = api.list(&params).await.map_err(|e| failed(format!("list {what}"), &e))?;
            let next = page.metadata.continue_.filter(|token| !token.is_empty());
            found.extend(page.items.into_iter().filter_map(&convert));
            match next {
                Some(token) => params.continue_token = Some(token),
                None => return Ok(found),
            }
        }
    }
}

#[async_trait]
impl Kubernetes for Client {
    async fn nodes(&self) -> Result<Vec<Arc<Node>>, ApiError> {
        self.list(&self.nodes_api(), "nodes", ListParams::default(), |n| Some(Arc::new(node(&n)))).await
    }

    async fn node(&self, name: &str) -> Result<Option<Node>, ApiError> {
        let found = self.nodes_api().get_opt(name).await.map_err(|e| failed(format!("get node {name}"), &e))?;
        Ok(found.as_ref().map(node))
    }

    async fn patch_node(&self, node: &Node, change: NodeChange) -> Result<Patched, ApiError> {
        let patch = patch_of(node, change);
        tracing::trace!(target: "kopsform::kube", node = node.name, body = %patch, "patch");
        let patch = Patch::Merge(patch);
        match self.nodes_api().patch(&node.name, &PatchParams::default(), &patch).await {
            Ok(_) => Ok(Patched::Done),
            Err(error) => match status(&error) {
                Some(404) => Ok(Patched::Gone),
                Some(409) => Ok(Patched::Conflict),
                _ => Err(failed(format!("patch node {}", node.name), &error)),
            },
        }
    }

    async fn system_pods(&self) -> Result<Vec<Pod>, ApiError> {
        let api: Api<core::Pod> = Api::all(self.client.clone());
        self.list(&api, "pods", ListParams::default(), |p| is_system_pod(&p).then(|| pod(&p))).await
    }

    async fn pods_on(&self, node: &str) -> Result<Vec<Pod>, ApiError> {
        let api: Api<core::Pod> = Api::all(self.client.clone());
        let params = ListParams::default().fields(&format!("spec.nodeName={node}"));
        self.list(&api, &format!("pods on {node}"), params, |p| Some(pod(&p))).await
    }

    async fn pods_in(&self, namespace: &str) -> Result<Vec<Pod>, ApiError> {
        let what = format!("pods in {namespace}");
        self.list(&self.pods_api(namespace), &what, ListParams::default(), |p| Some(pod(&p))).await
    }

    async fn budgets(&self) -> Result<Vec<Budget>, ApiError> {
        let api: Api<PodDisruptionBudget> = Api::all(self.client.clone());
        self.list(&api, "disruption budgets", ListParams::default(), |b| Some(budget(&b))).await
    }

    async fn evict(&self, pod: &Pod) -> Result<Eviction, ApiError> {
        let params = EvictParams { delete_options: Some(this_pod(pod, None)), ..EvictParams::default() };
        match self.pods_api(&pod.namespace).evict(&pod.name, &params).await {
            Ok(_) => Ok(Eviction::Accepted),
            Err(error) => refusal(&error).ok_or_else(|| failed(format!("evict pod {}", pod.full_name()), &error)),
        }
    }

    async fn delete_pod(&self, pod: &Pod, grace: Option<u32>) -> Result<(), ApiError> {
        match self.pods_api(&pod.namespace).delete(&pod.name, &this_pod(pod, grace)).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(status(&error), Some(404 | 409)) => Ok(()),
            Err(error) => Err(failed(format!("delete pod {}", pod.full_name()), &error)),
        }
    }

    async fn failing_checks(&self) -> Result<Vec<String>, ApiError> {
        let action = "check whether the API server is ready";
        let mut request = kube::core::Request::new("/readyz")
            .list(&ListParams::default())
            .map_err(|e| ApiError::permanent(action, e.to_string()))?;
        *request.uri_mut() = "/readyz?verbose".parse().map_err(|_| ApiError::permanent(action, "bad address"))?;
        let request = request.map(kube::client::Body::from);
        let response = self.client.send(request).await.map_err(|e| failed(action.to_owned(), &e))?;
        if response.status().as_u16() < 500 {
            // Ready, or not visible to this caller.
            return Ok(Vec::new());
        }
        let body = response.into_body().collect_bytes().await.map_err(|e| failed(action.to_owned(), &e))?;
        Ok(failing_lines(&String::from_utf8_lossy(&body)))
    }

    async fn api_addresses(&self) -> Result<Vec<IpAddr>, ApiError> {
        if self.host.parse::<IpAddr>().is_ok() {
            return Ok(Vec::new());
        }
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let found = found.map_err(|e| ApiError::transient(format!("look up {}", self.host), e.to_string()))?;
        let mut addresses: Vec<_> = found.map(|address| address.ip()).collect();
        addresses.sort();
        addresses.dedup();
        Ok(addresses)
    }
}

/// Deletes exactly the pod that was listed, not a successor of the same name.
fn this_pod(pod: &Pod, grace: Option<u32>) -> DeleteParams {
    DeleteParams {
        grace_period_seconds: grace,
        preconditions: Some(Preconditions { uid: Some(pod.uid.clone()), ..Preconditions::default() }),
        ..DeleteParams::default()
    }
}

/// A merge patch, conditional on the node's version that was read. The list of taints is replaced as a whole.
fn patch_of(node: &Node, change: NodeChange) -> serde_json::Value {
    let mut patch = json!({ "metadata": { "resourceVersion": node.version } });
    if let Some(excluded) = change.excluded {
        patch["metadata"]["labels"] = json!({ EXCLUDE_LABEL: excluded.then_some("") });
    }
    if let Some(cordoned) = change.cordoned {
        patch["spec"]["unschedulable"] = json!(cordoned.then_some(true));
    }
    if let Some(tainted) = change.tainted {
        let mut taints: Vec<_> = node
            .taints
            .iter()
            .filter(|t| t.key != UPDATE_TAINT)
            .map(|t| {
                let mut taint = json!({ "key": t.key, "effect": t.effect });
                if let Some(value) = &t.value {
                    taint["value"] = json!(value);
                }
                if let Some(since) = &t.time_added {
                    taint["timeAdded"] = json!(since);
                }
                taint
            })
            .collect();
        if tainted {
            taints.push(json!({ "key": UPDATE_TAINT, "effect": "PreferNoSchedule" }));
        }
        patch["spec"]["taints"] = if taints.is_empty() { json!(null) } else { json!(taints) };
    }
    patch
}

fn status(error: &kube::Error) -> Option<u16> {
    if let kube::Error::Api(status) = error { Some(status.code) } else { None }
}

/// The response to an eviction, if the error is one.
fn refusal(error: &kube::Error) -> Option<Eviction> {
    let kube::Error::Api(status) = error else { return None };
    let causes = status.details.iter().flat_map(|d| &d.causes);
    let ending = causes.clone().any(|c| c.reason == "NamespaceTerminating");
    // The API server answers this way when several budgets cover the pod.
    let ambiguous = status.code == 500 && status.message.contains("more than one PodDisruptionBudget");
    match status.code {
        404 | 409 => Some(Eviction::Gone),
        429 => {
            let details: Vec<_> = causes.filter(|c| !c.message.is_empty()).map(|c| c.message.clone()).collect();
            Some(Eviction::Refused(if details.is_empty() { status.message.clone() } else { details.join("; ") }))
        }
        403 if ending => Some(Eviction::Refused(status.message.clone())),
        _ if ambiguous => Some(Eviction::Refused(status.message.clone())),
        _ => None,
    }
}

/// The names of failed checks in the response of `/readyz?verbose`: `[-]etcd failed: reason withheld`.
fn failing_lines(text: &str) -> Vec<String> {
    let named: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("[-]"))
        .map(|line| line.split_whitespace().next().unwrap_or("unnamed").to_owned())
        .collect();
    if named.is_empty() { vec!["readyz".to_owned()] } else { named }
}

fn failed(action: String, error: &kube::Error) -> ApiError {
    let (message, retryability) = match error {
        kube::Error::Api(status) => {
            let retryability = match status.code {
                401 | 403 => Retryability::AccessDenied,
                408 | 429 | 500..=599 => Retryability::Transient,
                _ => Retryability::Permanent,
            };
            (if status.message.is_empty() { status.reason.clone() } else { status.message.clone() }, retryability)
        }
        // No response or an incomplete one: the connection broke.
        other => (root_cause(other), Retryability::Transient),
    };
    ApiError { action, message, retryability }
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_rolling::ports::Taint;

    #[test]
    fn patches_keep_other_taints() {
        let other =
            Taint { key: "gpu".into(), value: Some("yes".into()), effect: "NoSchedule".into(), time_added: None };
        let node = Node { version: "7".into(), taints: vec![other], ..Node::default() };
        let change = NodeChange { tainted: Some(true), cordoned: Some(true), excluded: Some(true) };
        assert_eq!(
            patch_of(&node, change),
            json!({
                "metadata": { "resourceVersion": "7", "labels": { EXCLUDE_LABEL: "" } },
                "spec": { "unschedulable": true, "taints": [
                    { "key": "gpu", "value": "yes", "effect": "NoSchedule" },
                    { "key": UPDATE_TAINT, "effect": "PreferNoSchedule" },
                ] },
            })
        );
    }

    #[test]
    fn reverting_removes_what_was_added() {
        let node = Node { version: "8".into(), ..Node::default() };
        let change = NodeChange { tainted: Some(false), cordoned: Some(false), excluded: Some(false) };
        assert_eq!(
            patch_of(&node, change),
            json!({
                "metadata": { "resourceVersion": "8", "labels": { EXCLUDE_LABEL: null } },
                "spec": { "unschedulable": null, "taints": null },
            })
        );
    }

    #[test]
    fn failing_checks_are_named() {
        let text = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\nreadyz check failed";
        assert_eq!(failing_lines(text), ["etcd"]);
        assert_eq!(failing_lines("upstream is down"), ["readyz"]);
    }

    #[test]
    fn refusals_name_the_budget() {
        let status: kube::core::Status = serde_json::from_value(json!({
            "code": 429, "message": "Cannot evict pod", "reason": "TooManyRequests",
            "details": { "causes": [{ "reason": "DisruptionBudget", "message": "The disruption budget web needs 4 healthy pods" }] },
        }))
        .unwrap_or_default();
        let refused = refusal(&kube::Error::Api(Box::new(status)));
        assert_eq!(refused, Some(Eviction::Refused("The disruption budget web needs 4 healthy pods".into())));
    }
}
