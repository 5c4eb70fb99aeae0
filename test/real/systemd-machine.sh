# The machine of a systemd under test, in namespaces of its own: its files, this program, and Node.js; or without both ("none"), and with
# a /usr that can be written.
folder=$1 checkout=$2 node=$3
if [ "$node" = none ]; then local=/usr; else local=/usr/local; fi

# Whoever a unit runs as reads what is laid out here, whatever the umask is.
umask 022
mount --make-rprivate /
mount -t proc proc /proc
# A first process sets the kernel up, and mounts its control groups. Here it has a group of its own, and sets nothing.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
for own in /etc "$local" /var; do
  over=/run/over$own
  mkdir -p "$over/upper" "$over/work"
  mount -t overlay overlay -o "lowerdir=$own,upperdir=$over/upper,workdir=$over/work" "$own"
done

# None of this machine's units and generators: they would set this machine up anew.
for own in /etc/systemd /usr/lib/systemd/system /usr/lib/systemd/system-generators; do
  mount -t tmpfs -o mode=755 tmpfs "$own"
done
mkdir -p /etc/systemd/system
cp --no-preserve=mode "$folder"/units/* /etc/systemd/system/
cp -r --no-preserve=mode "$folder"/etc/. /etc/
for program in "$folder"/bin/*; do
  if [ -f "$program" ]; then install -m 755 "$program" /usr/local/bin/; fi
done

if [ "$node" = none ]; then
  rm -rf /usr/bin/node /usr/bin/nodejs /usr/local/bin/node /etc/sidekick /var/lib/sidekick
  mkdir -p /var/packages
  cp "$folder"/packages/* /var/packages/
else
  # Units may be denied /tmp and /home, where this checkout may lie, and only its owner may be allowed to read it.
  mkdir -p /usr/local/lib/sidekick
  tar -C "$checkout" --mode=u+w,a+rX -cf - -T "$folder/program" | tar -C /usr/local/lib/sidekick -xf -
  install --no-target-directory -m 755 "$node" /usr/local/bin/node
fi

# From here on nothing is taken from where the test has put it.
mount -t tmpfs -o mode=1777 tmpfs /tmp

export container=test PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin
exec /lib/systemd/systemd --system --unit=tests.target --log-target=console --show-status=no
