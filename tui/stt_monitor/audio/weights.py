"""Model weights inside installed packages: found, verified and loaded.

The packages are never imported: that would load native code and other runtimes.
"""

import hashlib
import os
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.errors import UserError
from stt_monitor.system.memory import give_back

if TYPE_CHECKING:
    import onnxruntime


class MissingPartError(UserError):
    """Weights or their runtime are not installed, or are not the expected ones."""


class Weights(msgspec.Struct, frozen=True):
    """A file inside an installed package: `size` in bytes, `sha256` of its content in hexadecimal."""

    user: str
    """Start of a message: "the local server needs"."""
    otherwise: str
    """Remedy where the package does not exist for this machine."""
    distribution: str
    package: str
    release: str
    path: str
    size: int
    sha256: str
    is_packed: bool = True
    """Whether the runtime may arrange a copy of them for speed."""

    def locate(self) -> Path:
        """Return the file's path. Raises MissingPartError when the package or the file is missing."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise MissingPartError(
                f"{self.user} the package {self.distribution}=={self.release}, which is not installed:"
                f" `{self._install}`; {self.otherwise}"
            )
        found = Path(next(iter(spec.submodule_search_locations))) / self.path
        if not found.is_file():
            raise MissingPartError(
                f"{self.path} is missing from the package {self.distribution} {self._installed()}; {self.user}"
                f" release {self.release}: `{self._install}`"
            )
        return found

    def read(self) -> bytes:
        """Return the file's content. Raises MissingPartError when it is not the expected file."""
        path = self.locate()
        try:
            content = path.read_bytes()
        except OSError as error:
            raise MissingPartError(f"{path} cannot be read ({error.strerror}): `{self._reinstall}`") from error
        if len(content) != self.size or hashlib.sha256(content).hexdigest() != self.sha256:
            raise MissingPartError(
                f"{path} is not the file of {self.distribution} {self.release}; {self.user} that one:"
                f" `{self._reinstall}`"
            )
        return content

    def load(self) -> "onnxruntime.InferenceSession":
        """Load the network; any number of threads may share the session.

        Raises:
            MissingPartError: the weights or the runtime are missing, or are not those expected.
        """
        self.read()  # is it the expected one?
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # or importing it begins to tell its vendor what runs here
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingPartError(
                f"{self.user} the package onnxruntime, which is not installed or does not load here:"
                f" `pip install onnxruntime`; {self.otherwise}"
            ) from error
        onnxruntime.disable_telemetry_events()  # where the variable is not known: Windows, other releases
        options = onnxruntime.SessionOptions()
        # Sessions run in parallel, one per core: threads within a run would only compete for the same cores.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Audio comes in every length; planning memory for each length keeps all of it.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        if not self.is_packed:
            options.add_session_config_entry("session.disable_prepacking", "1")
        # By its path: of bytes, the session would keep a copy.
        session = onnxruntime.InferenceSession(self.locate(), options, providers=["CPUExecutionProvider"])
        give_back(Path(onnxruntime.__file__).parent)
        return session

    @property
    def _install(self) -> str:
        return f"pip install {self.distribution}=={self.release}"

    @property
    def _reinstall(self) -> str:
        return f"pip install --force-reinstall {self.distribution}=={self.release}"

    def _installed(self) -> str:
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return "(of unknown release)"
