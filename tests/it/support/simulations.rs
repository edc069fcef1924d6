//! Simulations that tests talk to, each a copy of one Python process (`simulations.py`), which all tests of this program share.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use super::{root, skip};

/// The process that is copied, and its port. It ends with this program, which holds its input.
static ORIGINAL: OnceLock<(Child, u16)> = OnceLock::new();

/// A running simulation, which ends when this is dropped.
pub struct Simulation {
    input: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Simulation {
    /// Starts a simulation, such as `simulated_aws`; `None`, after [`skip`], where `KOPSFORM_TEST_PYTHON` names no Python that has
    /// moto.
    #[track_caller]
    pub fn start(name: &str) -> Option<Self> {
        let Some(python) = std::env::var_os("KOPSFORM_TEST_PYTHON") else {
            skip("KOPSFORM_TEST_PYTHON is not set to a Python with the packages of tests/requirements.txt");
            return None;
        };
        let (_, port) = ORIGINAL.get_or_init(|| {
            let mut original = Command::new(python)
                .arg(root().join("tests/it/support/simulations.py"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            BufReader::new(original.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let port = line.trim().parse().unwrap_or_else(|error| panic!("simulations.py: {error}: {line:?}"));
            (original, port)
        });
        let input = TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).unwrap();
        let answers = BufReader::new(input.try_clone().unwrap());
        let mut simulation = Self { input, answers };
        simulation.send(name);
        Some(simulation)
    }

    /// Sends a line of input.
    #[track_caller]
    pub fn send(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Reads a line of JSON.
    #[track_caller]
    pub fn answer<T: DeserializeOwned>(&mut self) -> T {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the simulation has ended");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Sends a line of input, and returns the answer.
    #[track_caller]
    pub fn ask<T: DeserializeOwned>(&mut self, line: &str) -> T {
        self.send(line);
        self.answer()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // It ends with its input.
        _ = self.input.shutdown(Shutdown::Write);
        _ = std::io::copy(&mut self.answers, &mut std::io::sink());
    }
}
