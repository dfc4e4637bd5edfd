package recall

import "unsafe"

// bytesOf shows words as the bytes they lie in; files hold them in the machine's order, for they are never moved elsewhere.
func bytesOf(words []uint64) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8) //nolint:gosec // the same memory, seen as bytes
}

// textOf shows bytes as a string; it lives as long as they stay unchanged.
func textOf(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b)) //nolint:gosec // as above
}

// claimsOf shows words as the claims they are.
func claimsOf(words []uint64) []claim {
	if len(words) < claimWords {
		return nil
	}
	return unsafe.Slice((*claim)(unsafe.Pointer(&words[0])), len(words)/claimWords) //nolint:gosec // a claim is three words
}

// claimBytes shows claims as the bytes they lie in.
func claimBytes(c []claim) []byte {
	if len(c) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&c[0])), len(c)*claimSize) //nolint:gosec // as above
}
