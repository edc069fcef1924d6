//! The calls that rolling updates and validation make.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::{Api, DeleteParams, EvictParams, ListParams, Patch, PatchParams, Preconditions};
use serde_json::json;

use super::connector::{DialError, certificate_problem, retryability_of_lookup};
use super::convert::{budget, is_system_pod, node, pod};
use super::exec::ExecError;
use kopsform_diagnostics::root_cause;
use kopsform_rolling::ports::{
    ApiError, Budget, EXCLUDE_LABEL, Eviction, Kubernetes, Node, NodeChange, Patched, Pod, Refusal, Retryability,
    UPDATE_TAINT,
};

/// The number of objects on a page of a list.
const PAGE_SIZE: u32 = 500;

/// A connection to one cluster's API.
#[derive(Clone)]
pub struct Client {
    client: kube::Client,
    endpoint: Endpoint,
}

/// The server, as messages name it.
#[derive(Clone)]
pub(super) struct Endpoint {
    /// The address, `https://api.example.com`.
    pub server: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The proxy that leads to it.
    pub proxy: Option<String>,
    /// The credential that is used.
    pub credential: String,
}

impl Client {
    pub(super) fn new(client: kube::Client, endpoint: Endpoint) -> Self {
        Self { client, endpoint }
    }

    fn failed(&self, action: String, error: &kube::Error) -> ApiError {
        failed(&self.endpoint, action, error)
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
            let page = api.list(&params).await.map_err(|e| self.failed(format!("list {what}"), &e))?;
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
        let found = self.nodes_api().get_opt(name).await.map_err(|e| self.failed(format!("get node {name}"), &e))?;
        Ok(found.as_ref().map(node))
    }

    async fn delete_node(&self, name: &str) -> Result<(), ApiError> {
        match self.nodes_api().delete(name, &DeleteParams::default()).await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(self.failed(format!("delete node {name}"), &error)),
        }
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
                _ => Err(self.failed(format!("patch node {}", node.name), &error)),
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
            Err(error) => refusal(&error).ok_or_else(|| self.failed(format!("evict pod {}", pod.full_name()), &error)),
        }
    }

    async fn delete_pod(&self, pod: &Pod, grace: Option<u32>) -> Result<(), ApiError> {
        match self.pods_api(&pod.namespace).delete(&pod.name, &this_pod(pod, grace)).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(status(&error), Some(404 | 409)) => Ok(()),
            Err(error) => Err(self.failed(format!("delete pod {}", pod.full_name()), &error)),
        }
    }

    async fn failing_checks(&self) -> Result<Vec<String>, ApiError> {
        let action = "check whether the API server is ready";
        let mut request = kube::core::Request::new("/readyz")
            .list(&ListParams::default())
            .map_err(|e| ApiError::permanent(action, e.to_string()))?;
        *request.uri_mut() = "/readyz?verbose".parse().map_err(|_| ApiError::permanent(action, "bad address"))?;
        let request = request.map(kube::client::Body::from);
        let response = self.client.send(request).await.map_err(|e| self.failed(action.to_owned(), &e))?;
        if response.status().as_u16() < 500 {
            // Ready, or not visible to this caller.
            return Ok(Vec::new());
        }
        let body = response.into_body().collect_bytes().await.map_err(|e| self.failed(action.to_owned(), &e))?;
        Ok(failing_lines(&String::from_utf8_lossy(&body)))
    }

    async fn api_addresses(&self) -> Result<Vec<IpAddr>, ApiError> {
        let Endpoint { host, port, proxy, .. } = &self.endpoint;
        if host.parse::<IpAddr>().is_ok() {
            return Ok(Vec::new());
        }
        let found = match tokio::net::lookup_host((host.as_str(), *port)).await {
            Ok(found) => found,
            // The proxy looks the name up itself.
            Err(_) if proxy.is_some() => return Ok(Vec::new()),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.strip_prefix("failed to lookup address information: ").unwrap_or(&reason);
                let (action, message) = (format!("look up {host}"), reason.to_owned());
                return Err(ApiError { action, message, retryability: retryability_of_lookup(reason) });
            }
        };
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
    let causes = || status.details.iter().flat_map(|details| &details.causes);
    let ending = causes().any(|cause| cause.reason == "NamespaceTerminating");
    let several_budgets = status.code == 500 && status.message.contains("more than one PodDisruptionBudget");
    match status.code {
        404 | 409 => Some(Eviction::Missing(text_of(status))),
        429 => Some(Eviction::Refused(Refusal {
            message: text_of(status),
            budget: causes().find_map(|cause| budget_of(&cause.reason, &cause.message)),
            several_budgets: false,
        })),
        403 if ending => {
            Some(Eviction::Refused(Refusal { message: text_of(status), budget: None, several_budgets: false }))
        }
        _ if several_budgets => {
            Some(Eviction::Refused(Refusal { message: text_of(status), budget: None, several_budgets: true }))
        }
        _ => None,
    }
}

/// The budget that a cause names: "The disruption budget web needs 4 healthy pods and has 4 currently".
fn budget_of(reason: &str, message: &str) -> Option<String> {
    let rest = message.strip_prefix("The disruption budget ").filter(|_| reason == "DisruptionBudget")?;
    rest.split_whitespace().next().map(str::to_owned)
}

/// The API's own text, with the causes it gives.
fn text_of(status: &kube::core::Status) -> String {
    let mut text = if status.message.is_empty() { status.reason.clone() } else { status.message.clone() };
    for cause in status.details.iter().flat_map(|details| &details.causes).map(|cause| cause.message.as_str()) {
        if !text.contains(cause) {
            text = format!("{}: {cause}", text.trim_end_matches('.'));
        }
    }
    text
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

fn failed(endpoint: &Endpoint, action: String, error: &kube::Error) -> ApiError {
    let Endpoint { server, credential, proxy, .. } = endpoint;
    let through = proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
    if let kube::Error::Api(status) = error {
        let text = text_of(status);
        let (message, retryability) = match status.code {
            401 => (format!("{server}: {text} (with {credential})"), Retryability::Unauthenticated),
            // Admission webhooks and policies deny a request, whoever makes it.
            403 if text.contains("denied the request") || text.contains("denied request") => {
                (text, Retryability::Permanent)
            }
            403 => (text, Retryability::AccessDenied),
            408 | 429 => (text, Retryability::Transient),
            // Load balancers and proxies answer this way, too.
            500..=599 => (format!("{server}{through}: {text}"), Retryability::Transient),
            _ => (text, Retryability::Permanent),
        };
        return ApiError { action, message, retryability };
    }
    let chain = || std::iter::successors(Some(error as &(dyn Error + 'static)), |&error| error.source());
    if let Some(plugin) = chain().find_map(|error| error.downcast_ref::<ExecError>()) {
        let message = format!("{server}: getting credentials: {plugin}");
        return ApiError { action, message, retryability: Retryability::Unauthenticated };
    }
    if let Some(dial) = chain().find_map(|error| error.downcast_ref::<DialError>()) {
        return ApiError { action, message: format!("{server}: {dial}"), retryability: dial.retryability() };
    }
    let (reason, retryability) = broken(error);
    ApiError { action, message: format!("{server}{through}: {reason}"), retryability }
}

/// Why there was no response, or an incomplete one. Only the root cause is shown, and not where it is about
/// credentials: it may contain them.
fn broken(error: &kube::Error) -> (String, Retryability) {
    let plain = |text: &str, retryability| (text.to_owned(), retryability);
    let text = match error {
        kube::Error::Auth(_) => return plain("the user's credential cannot be used", Retryability::Unauthenticated),
        kube::Error::SerdeError(_) => {
            return plain("the response is not what the Kubernetes API sends", Retryability::Transient);
        }
        other => root_cause(other),
    };
    if let Some(problem) = certificate_problem("server", &text) {
        return (problem, Retryability::Permanent);
    }
    if text.contains("deadline has elapsed") {
        return plain("no response in time", Retryability::Transient);
    }
    (text, Retryability::Transient)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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

    fn answered(body: serde_json::Value) -> kube::Error {
        kube::Error::Api(Box::new(serde_json::from_value(body).unwrap()))
    }

    fn refused(body: serde_json::Value) -> Option<Refusal> {
        match refusal(&answered(body)) {
            Some(Eviction::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    #[test]
    fn refusals_name_the_budget_only_where_it_is_the_cause() {
        let cause = json!({ "reason": "DisruptionBudget",
            "message": "The disruption budget web needs 4 healthy pods and has 4 currently" });
        let found = refused(json!({ "code": 429, "message": "Cannot evict pod.", "reason": "TooManyRequests",
            "details": { "causes": [cause] } }));
        let message = "Cannot evict pod: The disruption budget web needs 4 healthy pods and has 4 currently".to_owned();
        let expected = Refusal { message, budget: Some("web".to_owned()), several_budgets: false };
        assert_eq!(found, Some(expected));
        let webhook = "admission webhook \"kubevirt.io\" denied the request: Eviction triggered evacuation of VMI";
        let found = refused(json!({ "code": 429, "message": webhook, "reason": "TooManyRequests" }));
        assert_eq!(found, Some(Refusal { message: webhook.to_owned(), budget: None, several_budgets: false }));
        let several =
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
        let found = refused(json!({ "code": 500, "message": several, "reason": "InternalError" }));
        assert_eq!(found, Some(Refusal { message: several.to_owned(), budget: None, several_budgets: true }));
    }

    #[test]
    fn answers_of_webhooks_are_no_facts_about_the_pod() {
        for (code, expected) in [(404, true), (409, true), (422, false), (500, false), (503, false), (403, false)] {
            let error = answered(json!({ "code": code, "message": "a backup is running", "reason": "x" }));
            let missing = Some(Eviction::Missing("a backup is running".to_owned()));
            assert_eq!(refusal(&error), missing.filter(|_| expected), "{code}");
        }
    }

    fn endpoint() -> Endpoint {
        Endpoint {
            server: "https://api.example.com".to_owned(),
            host: "api.example.com".to_owned(),
            port: 443,
            proxy: None,
            credential: "the token of context \"c\"".to_owned(),
        }
    }

    #[test]
    fn errors_name_the_address_and_the_credential() {
        let said = |error: &kube::Error| {
            let error = failed(&endpoint(), "list nodes".to_owned(), error);
            (error.to_string(), error.retryability)
        };
        let (text, retryability) = said(&answered(json!({ "code": 401, "message": "Unauthorized", "reason": "" })));
        assert_eq!(text, "list nodes: https://api.example.com: Unauthorized (with the token of context \"c\")");
        assert_eq!(retryability, Retryability::Unauthenticated);
        let forbidden = |message: &str| said(&answered(json!({ "code": 403, "message": message, "reason": "" }))).1;
        let missing =
            "pods is forbidden: User \"u\" cannot list resource \"pods\" in API group \"\" at the cluster scope";
        assert_eq!(forbidden(missing), Retryability::AccessDenied);
        let webhook = "admission webhook \"guard.example.com\" denied the request: a backup is running";
        assert_eq!(forbidden(webhook), Retryability::Permanent);
        let gateway = answered(json!({ "code": 502, "message": "Bad Gateway", "reason": "" }));
        assert_eq!(
            said(&gateway),
            ("list nodes: https://api.example.com: Bad Gateway".to_owned(), Retryability::Transient)
        );
        let lookup =
            DialError::Lookup { host: "api.example.com".to_owned(), reason: "Name or service not known".to_owned() };
        let (text, retryability) = said(&kube::Error::Service(Box::new(lookup)));
        let expected = "list nodes: https://api.example.com: cannot look up api.example.com: Name or service not known";
        assert_eq!((text.as_str(), retryability), (expected, Retryability::Unresolved));
        let plugin = ExecError::Failed { command: "aws".to_owned(), status: "exit code 255".to_owned() };
        let (text, retryability) = said(&kube::Error::Service(Box::new(plugin)));
        assert!(text.ends_with("getting credentials: exec: executable aws failed with exit code 255"), "{text}");
        assert_eq!(retryability, Retryability::Unauthenticated);
    }
}
