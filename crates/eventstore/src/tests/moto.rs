//! A real S3 server on loopback: `tests/s3/server.py`, where Python has moto.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server with the bucket `stores`. It ends with its stdin, so that it does not outlive the tests.
pub(crate) struct Moto {
    process: Child,
    endpoint: String,
}

impl Moto {
    /// Starts one; the error is why that cannot be done here.
    pub(crate) fn start() -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let started = Command::new("python3")
            .arg(root.join("tests/s3/server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = started.map_err(|error| format!("python3 cannot be started: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let line = line.trim().to_owned();
        if line.starts_with("http://") {
            return Ok(Self { process, endpoint: line });
        }
        let _ = process.wait();
        Err(Some(line)
            .filter(|line| !line.is_empty())
            .unwrap_or_else(|| "it says nothing".to_owned()))
    }

    /// Settings of those who use it.
    pub(crate) fn environment(&self) -> HashMap<String, String> {
        let environment = [
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", &self.endpoint),
        ];
        environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
