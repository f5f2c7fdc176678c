src/vendor/lib.go
