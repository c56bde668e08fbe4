package store

// For tests of the forms in which lists are stored.
var (
	EncodeDecisions = encodeDecisions
	DecodeDecisions = decodeDecisions
	Pack            = pack
	Unpack          = unpack
	PackLot         = packLot
	UnpackLot       = unpackLot
)
