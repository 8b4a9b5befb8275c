import stat

from control_plane.embedded.ports import free_port, is_free, remembered_port
from control_plane.embedded.private_files import private_folder, secret_from, write_private


def test_a_folder_is_private_and_one_that_stands_is_left_alone(tmp_path):
    assert stat.S_IMODE(private_folder(tmp_path / "new").stat().st_mode) == 0o700
    stands = tmp_path / "stands"
    stands.mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder(stands).stat().st_mode) == 0o755


def test_a_secret_is_made_once_and_private(tmp_path):
    first = secret_from(tmp_path / "key")
    assert secret_from(tmp_path / "key") == first
    assert len(first) >= 40
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_replacing_a_file_keeps_it_private(tmp_path):
    (tmp_path / "key").write_text("open")
    (tmp_path / "key").chmod(0o644)
    write_private(tmp_path / "key", "closed")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_port_is_remembered_while_it_is_free(tmp_path):
    port = remembered_port(tmp_path / "port")
    assert remembered_port(tmp_path / "port") == port
    assert is_free(port)


def test_a_taken_port_is_replaced(tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        (tmp_path / "port").write_text(str(number))
        assert remembered_port(tmp_path / "port") != number
        assert not is_free(number)


def test_a_free_port_can_be_had():
    assert 1024 < free_port() < 65536
