"""An S3 server on loopback for tests: moto (PyPI `moto[server]`), with the empty bucket `stores`.

    python3 tests/s3/server.py      # prints its address, serves until its stdin ends

Where moto is not installed it prints why it cannot serve, and its exit code is 3. Requests take turns: moto looks whether
an object is there and puts it in two steps, where S3 does both in one, and tests let writers race.
"""

import sys
import threading
import urllib.request

BUCKET = "stores"

try:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server
except ImportError as error:
    print(f"{error}: tests/s3/run.sh installs moto[server] and uses it")
    sys.exit(3)


class Quiet(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log(self, type, message, *args):
        pass


class InTurn:
    """An application that begins no request before the last one is answered."""

    def __init__(self, application):
        self.application = application
        self.turn = threading.Lock()

    def __call__(self, environ, start_response):
        with self.turn:
            answer = self.application(environ, start_response)
            try:
                return [b"".join(answer)]
            finally:
                getattr(answer, "close", lambda: None)()


def main():
    application = InTurn(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/{BUCKET}", method="PUT")).close()
    print(address, flush=True)
    # Whoever started the server holds the other end, and ends it by ending.
    sys.stdin.read()


if __name__ == "__main__":
    main()
