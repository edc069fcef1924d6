//! What the integration tests share: the binary, scratch folders, outside tools and the AWS simulator.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_kopsform");

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program with a clean environment: nothing of the person's AWS or kops settings reaches a test.
pub fn kopsform(home: &Path) -> Command {
    let mut command = Command::new(BINARY);
    clean(&mut command, home);
    command
}

/// Takes AWS, kops and S3 settings out of a command's environment.
pub fn clean(command: &mut Command, home: &Path) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["AWS_", "KOPS_", "S3_", "KOPSFORM_", "KUBE", "TF_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command.env("HOME", home).env("KUBECONFIG", home.join("kubeconfig")).stdin(Stdio::null());
}

/// Runs a command and gives its output; a failure shows all it said.
#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Standard output as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Says that a test is skipped because a tool is missing; fails instead where all tools are required.
#[track_caller]
pub fn skip(reason: &str) {
    assert!(
        std::env::var_os("KOPSFORM_TEST_REQUIRE_TOOLS").is_none(),
        "{reason}, and KOPSFORM_TEST_REQUIRE_TOOLS forbids to skip"
    );
    eprintln!("skipped: {reason}");
}

/// A tool on PATH.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The AWS simulator in a process of its own, on a port of its own.
pub struct Moto {
    process: Child,
    /// Its address, `http://127.0.0.1:<port>`.
    pub endpoint: String,
}

impl Moto {
    /// Starts it; `None`, after [`skip`], where its Python environment is missing.
    pub fn start() -> Option<Self> {
        let python = std::env::var_os("KOPSFORM_TEST_PYTHON")
            .map_or_else(|| root().join("target/venv/bin/python3"), PathBuf::from);
        let server = python.with_file_name("moto_server");
        if !server.exists() {
            skip("moto is not installed: run scripts/test, which makes its Python environment");
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(server)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "moto does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    /// Points a command at it.
    pub fn point(&self, command: &mut Command) {
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
