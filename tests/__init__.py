"""What Đôn Đốc promises, room by room; a package, so that what a folder starts for all its tests ends with them."""
