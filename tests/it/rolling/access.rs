//! How the Kubernetes API is reached: proxies as client-go uses them, credential plugins, and what errors say.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::simulated_cluster::{CLUSTER, SimulatedCluster, group};
use crate::support::{stderr, stdout, succeed};

/// The name of the API server, which only the proxies know.
const SERVER: &str = "https://api.sim.example.com";

fn cluster() -> Option<SimulatedCluster> {
    SimulatedCluster::start(&[
        group("control-plane-a", "ControlPlane", 1, json!({})),
        group("nodes", "Node", 1, json!({})),
    ])
}

/// A proxy that connects everything to one server, and notes what it was asked for.
struct TestProxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    fn start(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, serve) = (Arc::clone(&asked), Arc::new(serve));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, serve) = (Arc::clone(&seen), Arc::clone(&serve));
                std::thread::spawn(move || serve(stream, &seen));
            }
        });
        Self { port, asked }
    }

    /// An HTTP proxy.
    fn http(server: String) -> Self {
        Self::start(move |mut client, seen| {
            let head = read_head(&mut client)?;
            seen.lock().unwrap().extend(head.lines().filter(|line| !line.is_empty()).map(str::to_owned));
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            relay(client, TcpStream::connect(&server)?)
        })
    }

    /// An HTTP proxy that refuses every connection.
    fn refusing(answer: &'static str) -> Self {
        Self::start(move |mut client, _| {
            read_head(&mut client)?;
            client.write_all(answer.as_bytes())
        })
    }

    /// A SOCKS5 proxy without a login.
    fn socks(server: String) -> Self {
        Self::start(move |mut client, seen| {
            let mut greeting = [0; 3];
            client.read_exact(&mut greeting)?;
            client.write_all(&[5, 0])?;
            let mut request = [0; 5];
            client.read_exact(&mut request)?;
            let mut name = vec![0; usize::from(request[4]) + 2];
            client.read_exact(&mut name)?;
            let port = u16::from_be_bytes([name[name.len() - 2], name[name.len() - 1]]);
            name.truncate(name.len() - 2);
            seen.lock().unwrap().push(format!("{}:{port}", String::from_utf8_lossy(&name)));
            client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
            relay(client, TcpStream::connect(&server)?)
        })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn read_head(client: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte)? > 0 {
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn relay(client: TcpStream, server: TcpStream) -> std::io::Result<()> {
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        to.shutdown(std::net::Shutdown::Write)
    });
    let (mut from, mut to) = (server, client);
    std::io::copy(&mut from, &mut to)?;
    to.shutdown(std::net::Shutdown::Write)
}

fn host(url: &str) -> String {
    url.trim_start_matches("https://").to_owned()
}

fn validate(cluster: &SimulatedCluster, server: &str) -> Command {
    cluster.kopsform(&["validate", "cluster", "--api-server", server])
}

#[test]
fn the_environments_proxy_leads_to_the_api() {
    let Some(cluster) = cluster() else { return };
    let proxy = TestProxy::http(host(cluster.kube()));
    let url = format!("http://user:pass%40word@127.0.0.1:{}", proxy.port);
    for (variable, excluded) in [("HTTPS_PROXY", ""), ("https_proxy", "10.0.0.0/8,.example.org")] {
        let mut command = validate(&cluster, SERVER);
        let output = succeed(command.env(variable, &url).env("NO_PROXY", excluded));
        assert!(stdout(&output).ends_with("is ready\n"), "{}", stdout(&output));
    }
    let asked = proxy.asked();
    assert_eq!(asked[0], "CONNECT api.sim.example.com:443 HTTP/1.1", "{asked:?}");
    assert!(asked.contains(&"Proxy-Authorization: Basic dXNlcjpwYXNzQHdvcmQ=".to_owned()), "{asked:?}");
}

#[test]
fn no_proxy_and_this_machine_are_reached_directly() {
    let Some(cluster) = cluster() else { return };
    // Nothing listens there.
    let proxied = |server: &str, excluded: &str| {
        let mut command = validate(&cluster, server);
        command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("NO_PROXY", excluded).output().unwrap()
    };
    let local = proxied(cluster.kube(), "");
    assert!(local.status.success(), "{}", stderr(&local));
    let excluded = proxied(SERVER, "sim.example.com");
    let message = stderr(&excluded);
    let said = format!("list nodes: {SERVER}: cannot look up api.sim.example.com: ");
    assert!(message.contains(&said) && !message.contains("proxy"), "{message}");
    // Where the resolver knows that there is no such name, a command says so at once.
    assert_eq!(message.contains("trying again"), message.contains("Temporary failure"), "{message}");
    let unreachable = stderr(&proxied(SERVER, ""));
    let said = format!("{SERVER}: cannot connect to the proxy http://127.0.0.1:1 (HTTPS_PROXY): ");
    assert!(unreachable.contains(&said), "{unreachable}");
    assert!(unreachable.contains("trying again"), "the wait is visible: {unreachable}");
}

#[test]
fn a_proxy_that_refuses_is_named_with_its_answer() {
    let Some(cluster) = cluster() else { return };
    let proxy = TestProxy::refusing("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let mut command = validate(&cluster, SERVER);
    let output = command.env("HTTPS_PROXY", format!("127.0.0.1:{}", proxy.port)).output().unwrap();
    let said = format!(
        "the proxy http://127.0.0.1:{} (HTTPS_PROXY) does not connect to api.sim.example.com:443: 407 Proxy Authentication \
         Required",
        proxy.port
    );
    assert!(stderr(&output).contains(&said), "{}", stderr(&output));
    assert!(!stderr(&output).contains("trying again"), "{}", stderr(&output));

    let mut command = validate(&cluster, SERVER);
    let output = command.env("HTTPS_PROXY", "ftp://user:hunter2@proxy").output().unwrap();
    let message = stderr(&output);
    assert!(
        message.contains("the proxy of HTTPS_PROXY cannot be used: its scheme is not http, https or socks5"),
        "{message}"
    );
    assert!(!message.contains("hunter2") && message.contains("hint: a proxy looks like "), "{message}");
}

/// A kubeconfig with an administrator's certificate, changed by the test.
fn kubeconfig(cluster: &SimulatedCluster, change: impl FnOnce(&mut Value)) -> PathBuf {
    let path = cluster.home().join("config");
    let arguments = ["export", "kubeconfig", "--admin", "--kubeconfig", path.to_str().unwrap()];
    succeed(&mut cluster.kopsform(&arguments));
    let mut config: Value = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    config["clusters"][0]["cluster"]["server"] = SERVER.into();
    config["clusters"][0]["cluster"]["tls-server-name"] = format!("api.internal.{CLUSTER}").into();
    change(&mut config);
    std::fs::write(&path, config.to_string()).unwrap();
    path
}

#[test]
fn the_kubeconfigs_proxy_leads_to_the_api() {
    let Some(cluster) = cluster() else { return };
    let server = host(cluster.kube());
    for (scheme, proxy) in [("socks5", TestProxy::socks(server.clone())), ("http", TestProxy::http(server))] {
        let path = kubeconfig(&cluster, |config| {
            config["clusters"][0]["cluster"]["proxy-url"] = format!("{scheme}://127.0.0.1:{}", proxy.port).into();
        });
        let mut command = cluster.kopsform(&["validate", "cluster", "--use-kubeconfig"]);
        let output =
            succeed(command.env("KUBECONFIG", path).env("HTTPS_PROXY", "http://127.0.0.1:1").env("NO_PROXY", "*"));
        assert!(stdout(&output).ends_with("is ready\n"), "{}", stdout(&output));
        assert!(proxy.asked()[0].contains("api.sim.example.com:443"), "{scheme}: {:?}", proxy.asked());
    }
}

#[test]
fn a_certificate_that_is_not_trusted_or_of_another_name_is_reported_at_once() {
    let Some(cluster) = cluster() else { return };
    let said = |field: &str, value: Value| {
        let path = kubeconfig(&cluster, |config| {
            config["clusters"][0]["cluster"]["server"] = cluster.kube().into();
            config["clusters"][0]["cluster"][field] = value;
        });
        let mut command = cluster.kopsform(&["validate", "cluster", "--use-kubeconfig"]);
        let output = command.env("KUBECONFIG", path).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        stderr(&output)
    };
    let untrusted = said("certificate-authority-data", Value::Null);
    let expected =
        format!("{}: the server's certificate was issued by an authority that is not trusted", cluster.kube());
    assert!(untrusted.contains(&expected) && !untrusted.contains("trying again"), "{untrusted}");
    let other = said("tls-server-name", "api.other.example.com".into());
    assert!(other.contains("the server's certificate is not valid: "), "{other}");
}

#[test]
fn a_plugin_gives_the_certificate() {
    let Some(mut cluster) = cluster() else { return };
    let server = cluster.kube().to_owned();
    let home = cluster.home().to_owned();
    let path = kubeconfig(&cluster, |config| {
        let user = &mut config["users"][0]["user"];
        let pem = |field: &str| {
            use base64::Engine as _;
            let encoded = user[field].as_str().unwrap();
            String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).unwrap()).unwrap()
        };
        let credential = json!({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
            "status": { "clientCertificateData": pem("client-certificate-data"), "clientKeyData": pem("client-key-data") },
        });
        std::fs::write(home.join("credential.json"), credential.to_string()).unwrap();
        *user = exec("cat", &[home.join("credential.json").to_str().unwrap()]);
        config["clusters"][0]["cluster"]["server"] = server.into();
    });
    let output = succeed(cluster.kopsform(&["validate", "cluster", "--use-kubeconfig"]).env("KUBECONFIG", path));
    assert!(stdout(&output).ends_with("is ready\n"), "{}", stdout(&output));
    assert_eq!(cluster.seen().subjects, ["organizationName=system:masters commonName=kubecfg-tester"]);
}

fn exec(command: &str, args: &[&str]) -> Value {
    json!({ "exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": args, "interactiveMode": "Never",
    } })
}

#[test]
fn a_failed_plugin_shows_its_messages_and_no_token() {
    let Some(cluster) = cluster() else { return };
    let script = cluster.home().join("execfail.sh");
    let text = "#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"k8s-aws-v1.SECRETTOKEN\"}}'\n\
                echo 'warning: could not write token cache' >&2\nexit 1\n";
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = |command: &str| {
        let path = kubeconfig(&cluster, |config| config["users"][0]["user"] = exec(command, &[]));
        let mut command = cluster.kopsform(&["validate", "cluster", "--use-kubeconfig", "-v", "10"]);
        let output = command.env("KUBECONFIG", path).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        stderr(&output)
    };
    let failed = said(script.to_str().unwrap());
    assert!(failed.contains("\nwarning: could not write token cache\n"), "{failed}");
    let named = format!("getting credentials: exec: executable {} failed with exit code 1\n", script.display());
    assert!(failed.contains(&named) && !failed.contains("SECRETTOKEN"), "{failed}");
    let missing = said("aws-iam-authenticator-x");
    assert!(missing.contains("getting credentials: exec: executable aws-iam-authenticator-x not found"), "{missing}");
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let Some(cluster) = cluster() else { return };
    let output = validate(&cluster, "https://127.0.0.1:1").output().unwrap();
    let message = stderr(&output);
    let said =
        "error listing nodes: list nodes: https://127.0.0.1:1: cannot connect to 127.0.0.1:1: Connection refused";
    assert!(message.contains(said), "{message}");
}
