package recommend

import "testing"

// Processors without the vector instructions get right answers too.
func TestPlainLoops(t *testing.T) {
	was := vector
	defer func() { vector = was }()
	vector = false
	t.Run("kernels", TestKernelsAgree)
	t.Run("invert", TestInvert)
	t.Run("factorise", TestFactorise)
	t.Run("implicit", TestALSIsImplicitsFromTheSameStart)
	t.Run("ease", TestEASEIsTheDenseInverse)
	t.Run("tastes", TestTastesAreFound)
}
